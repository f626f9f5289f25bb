import Glibc
import Support

/// Writes a safetensors file of 32- or 16-bit floats, or of 32-bit integers.
///
/// Values are pulled one tensor at a time while the file is written, so memory holds one tensor.
/// The file appears under its name complete or not at all: it is written beside it, flushed to
/// the disk and renamed. The same tensors and metadata give the same bytes.
package struct SafetensorsWriter {
  /// How values are stored.
  package enum Precision: Sendable {
    case float32
    /// IEEE binary16, rounded to nearest even. A finite value that would become infinite is an
    /// error; infinities and not-a-numbers stay what they are.
    case float16
    /// For whole numbers within ±2²⁴, which is what a 32-bit float counts up to.
    case int32

    package var scalar: WeightScalar {
      switch self {
      case .float32: .float32
      case .float16: .float16
      case .int32: .int32
      }
    }
  }

  private struct Entry {
    let name: String
    let shape: [Int]
    let count: Int
    let read: () throws(WeightError) -> [Float]
  }

  private let precision: Precision
  private let metadata: [String: String]
  private var entries: [Entry] = []
  private var names: Set<String> = []

  package init(precision: Precision = .float32, metadata: [String: String] = [:]) {
    self.precision = precision
    self.metadata = metadata
  }

  /// Appends a tensor whose values, in row-major order, are asked for during `write(to:)`.
  ///
  /// - Precondition: no earlier tensor has this name.
  package mutating func add(
    _ name: String, shape: [Int], values: @escaping () throws(WeightError) -> [Float]
  ) {
    guard let count = elementCount(of: shape) else { preconditionFailure("\(name): \(shape)") }
    precondition(names.insert(name).inserted, "two tensors are named \(name)")
    entries.append(Entry(name: name, shape: shape, count: count, read: values))
  }

  /// Appends a tensor of another file.
  package mutating func add(_ tensor: WeightTensor) {
    add(tensor.name, shape: tensor.shape) { () throws(WeightError) in try tensor.floats() }
  }

  /// Writes all tensors in the order they were added.
  ///
  /// - Throws: `WeightError.unwritable`; `.exceedsHalf`; what reading a source tensor throws. The
  ///   file at `path` is then what it was before.
  package func write(to path: String) throws(WeightError) {
    do {
      var file = try AtomicFile(path)
      try file.write(header())
      for entry in entries {
        let values = try entry.read()
        precondition(values.count == entry.count, "\(entry.name): \(values.count) values")
        switch precision {
        case .float32: try file.write(values)
        case .float16: try file.write(halves(of: values, name: entry.name, path: path))
        case .int32: try file.write(values.map { Int32($0) })
        }
      }
      try file.commit()
    } catch let error as FileError {
      throw .unwritable(file: error.path, reason: error.reason)
    } catch {
      throw error as! WeightError
    }
  }

  /// The length and the JSON text, padded with spaces to a multiple of 8 bytes.
  private func header() -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0)):\(quoted($1))" }
      members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    var offset = 0
    for entry in entries {
      let end = offset + entry.count * precision.scalar.byteCount
      let shape = entry.shape.map(String.init).joined(separator: ",")
      members.append(
        "\(quoted(entry.name)):{\"dtype\":\"\(precision.scalar.safetensorsName)\","
          + "\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var text = Array("{\(members.joined(separator: ","))}".utf8)
    while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }
    return withUnsafeBytes(of: UInt64(text.count).littleEndian, Array.init) + text
  }

  private func halves(
    of values: [Float], name: String, path: String
  ) throws(WeightError) -> [Float16] {
    var halves: [Float16] = []
    halves.reserveCapacity(values.count)
    for (element, value) in values.enumerated() {
      let half = Float16(value)
      if half.isInfinite, value.isFinite {
        throw .exceedsHalf(file: path, name: name, element: element, value: value)
      }
      halves.append(half)
    }
    return halves
  }
}

extension AtomicFile {
  /// Appends the elements' bytes, as they lie in memory.
  fileprivate func write<Element: BitwiseCopyable>(_ elements: [Element]) throws {
    try elements.withUnsafeBytes { try write($0) }
  }
}

/// `text` as a JSON string.
private func quoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case _ where scalar.value < 0x20:
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
