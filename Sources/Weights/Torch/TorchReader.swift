/// Reads and checks the tensors of a torch archive.
///
/// The archive holds `name/data.pkl`, which describes tensors as views of storages, and each
/// storage as the record `name/data/key`.
func readTorchDirectory(_ archive: ZipArchive) throws(WeightError) -> WeightDirectory {
  /// Ten times what the largest public checkpoints have, with the optimizer's state.
  let longestPickle = 32_000_000

  let source = archive.source
  let pickles = archive.records.filter {
    $0.name.hasSuffix("/data.pkl") && $0.name.utf8.count { $0 == UInt8(ascii: "/") } == 1
  }
  guard let pickle = pickles.first else {
    throw .unsupported(
      file: source.path, what: "a zip archive without data.pkl", advice: "give a torch checkpoint")
  }
  guard pickles.count == 1 else {
    throw source.damage(
      at: pickles[1].headerOffset, "a second pickle, \(pickles[1].name), beside \(pickle.name)")
  }
  let folder = String(pickle.name.dropLast("data.pkl".count))
  if let order = archive["\(folder)byteorder"] {
    let text = try source.slice(archive.content(of: order).prefix(16))
    guard text.bytes == Array("little".utf8) else {
      throw .unsupported(
        file: source.path, what: "\(String(decoding: text.bytes, as: UTF8.self))-endian byte order",
        advice: "save the file again on a little-endian machine")
    }
  }
  let range = try archive.content(of: pickle)
  guard range.count <= longestPickle else {
    throw .unsupported(
      file: source.path, what: "a pickle of \(range.count) bytes",
      advice: "save model.state_dict() alone")
  }
  try archive.verifyChecksum(of: pickle)
  var machine = PickleMachine(try source.slice(range))
  let root = try machine.run()

  var tree = TorchTree(heap: machine.heap, archive: archive, folder: folder)
  let format: WeightFile.Format =
    archive["\(folder)constants.pkl"] == nil ? .torch : .torchScript
  return WeightDirectory(
    format: format, tensors: try tree.flatten(root), metadata: tree.scalars(beside: root))
}

/// Names the tensors in the value of a pickle, and finds each one's bytes.
private struct TorchTree {
  let heap: PickleHeap
  let archive: ZipArchive
  let folder: String

  private var tensors: [WeightTensor] = []
  /// Bytes of memory still allowed for tensors and names, and values still allowed to visit.
  private var allowance = 48_000_000
  private var visits = 4_000_000
  /// Contents of storages already located, by position in the heap.
  private var located: [Int: Range<Int>] = [:]

  init(heap: PickleHeap, archive: ZipArchive, folder: String) {
    self.heap = heap
    self.archive = archive
    self.folder = folder
  }

  /// The tensors of `state_dict` if the root has one, else all below the root.
  mutating func flatten(_ root: PickleValue) throws(WeightError) -> [WeightTensor] {
    var weights = root
    if case .dictionary(let index) = root,
      let nested = heap.value(of: "state_dict", in: index), case .dictionary = nested
    {
      weights = nested
    }
    try visit(weights, name: "", depth: 0)
    guard !tensors.isEmpty else {
      throw .unsupported(
        file: archive.source.path, what: "a pickle without tensors",
        advice: "save model.state_dict(), or a dictionary with it under the key state_dict")
    }
    return tensors
  }

  /// The strings and numbers at the top of a checkpoint.
  func scalars(beside root: PickleValue) -> [String: String] {
    guard case .dictionary(let index) = root else { return [:] }
    let elements = heap.containers[index]
    var scalars: [String: String] = [:]
    for i in stride(from: 0, to: elements.count - 1, by: 2) {
      guard case .string(let key) = elements[i] else { continue }
      switch elements[i + 1] {
      case .bool(let value): scalars[key] = String(value)
      case .int(let value): scalars[key] = String(value)
      case .float(let value): scalars[key] = String(value)
      case .string(let value): scalars[key] = value
      default: break
      }
    }
    return scalars
  }

  /// Shared and cyclic containers make a tree larger than its pickle, hence the bounds.
  private mutating func visit(
    _ value: PickleValue, name: String, depth: Int
  ) throws(WeightError) {
    visits -= 1
    if case .tensor(let index) = value {
      allowance -= 256 + name.utf8.count + 16 * heap.tensors[index].shape.count
    }
    guard depth <= 64, visits >= 0, allowance >= 0, name.utf8.count <= 512 else {
      throw .unsupported(
        file: archive.source.path, what: "a pickle this deep or large",
        advice: "save model.state_dict() alone")
    }
    func child(_ key: String) -> String { name.isEmpty ? key : "\(name).\(key)" }
    switch value {
    case .tensor(let index):
      let tensor = heap.tensors[index]
      tensors.append(try makeTensor(tensor, name: name.isEmpty ? "tensor" : name))
    case .dictionary(let index), .module(let index):
      let elements = heap.containers[index]
      for i in stride(from: 0, to: elements.count - 1, by: 2) {
        switch elements[i] {
        case .string(let key): try visit(elements[i + 1], name: child(key), depth: depth + 1)
        case .int(let key): try visit(elements[i + 1], name: child("\(key)"), depth: depth + 1)
        default: break
        }
      }
    case .list(let index), .tuple(let index):
      for (i, element) in heap.containers[index].enumerated() {
        try visit(element, name: child("\(i)"), depth: depth + 1)
      }
    default: break
    }
  }

  /// Checks a view against its storage, and the storage against its record.
  private mutating func makeTensor(
    _ tensor: TorchTensor, name: String
  ) throws(WeightError) -> WeightTensor {
    let storage = heap.storages[tensor.storage]
    let bytes = try locate(tensor.storage, for: name)
    let size = tensor.scalar.byteCount
    // A broadcast view (stride 0) may have more elements than its record; 2²⁴, 64 MiB of floats,
    // bounds what a small file can make its reader allocate.
    let mostElements = max(bytes.count / size, 1 << 24)
    guard tensor.offset >= 0, tensor.shape.count == tensor.strides.count,
      !tensor.shape.contains(where: { $0 < 0 }),
      let count = elementCount(of: tensor.shape), count <= mostElements,
      let reach = reach(of: tensor, count: count), reach <= bytes.count / size
    else {
      throw archive.source.damage(
        at: bytes.lowerBound,
        "\(name) of shape \(tensor.shape), strides \(tensor.strides) and offset \(tensor.offset) "
          + "does not fit in its storage \(storage.key) of \(bytes.count) bytes")
    }
    return WeightTensor(
      name: name, shape: tensor.shape, scalar: tensor.scalar, source: archive.source,
      firstByte: bytes.lowerBound + (count == 0 ? 0 : tensor.offset * size),
      strides: count == 0 || isDense(tensor) ? nil : tensor.strides)
  }

  /// The content of a storage's record.
  private mutating func locate(_ index: Int, for name: String) throws(WeightError) -> Range<Int> {
    if let range = located[index] { return range }
    let storage = heap.storages[index]
    guard let record = archive["\(folder)data/\(storage.key)"] else {
      throw archive.source.damage(
        at: archive.source.count, "\(name) lacks its record \(folder)data/\(storage.key)")
    }
    let content = try archive.content(of: record)
    let size = storage.scalar?.byteCount ?? 1
    guard storage.count >= 0, storage.count <= content.count / size else {
      throw archive.source.damage(
        at: content.lowerBound,
        "the storage \(storage.key) of \(name) has \(content.count) bytes for \(storage.count) "
          + "elements of \(size)")
    }
    let range = content.lowerBound..<content.lowerBound + storage.count * size
    located[index] = range
    return range
  }

  /// Elements of the storage up to the last that the view touches, or nil if some stride is
  /// negative or the sum overflows. An empty view touches none.
  private func reach(of tensor: TorchTensor, count: Int) -> Int? {
    if count == 0 { return 0 }
    var last = tensor.offset
    for (extent, stride) in zip(tensor.shape, tensor.strides) {
      let (distance, overflow) = (extent - 1).multipliedReportingOverflow(by: stride)
      let (sum, sumOverflow) = last.addingReportingOverflow(distance)
      guard stride >= 0, !overflow, !sumOverflow else { return nil }
      last = sum
    }
    return last == .max ? nil : last + 1
  }

  /// Whether elements lie one after another; the stride of an axis of extent 1 does not matter.
  private func isDense(_ tensor: TorchTensor) -> Bool {
    var expected = 1
    for (extent, stride) in zip(tensor.shape, tensor.strides).reversed() where extent != 1 {
      if stride != expected { return false }
      expected *= extent
    }
    return true
  }
}
