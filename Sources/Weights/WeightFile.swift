/// An open file of named tensors: safetensors, or a torch archive (`.pt`, `.ckpt`).
///
/// The format is found in the content, never in the name. Opening reads and checks the directory
/// of tensors completely, so that a tensor once found can be read; values stay on disk until asked
/// for, and then go where they are wanted. A pickle inside a torch archive is read as data: nothing in it is run.
///
/// ```swift
/// let file = try WeightFile(path: "weights/starter/vqgan.safetensors")
/// let weight = try file.scope["decoder"]["conv_in"].tensor("weight", shape: [128, 64, 3, 3])
/// let values = try weight.floats()
/// ```
public final class WeightFile: Sendable {
  /// What the content was recognised as.
  public enum Format: String, Sendable {
    case safetensors
    /// A zip archive that `torch.save` wrote: a pickle and one record a storage.
    case torch
    /// A zip archive that `torch.jit.save` wrote, as OpenAI publishes CLIP.
    case torchScript
  }

  /// The path as given.
  public let path: String

  public let format: Format

  /// All tensors, in the order of the file.
  public let tensors: [WeightTensor]

  /// Safetensors' `__metadata__`; of a torch checkpoint, the strings and numbers beside its
  /// tensors, such as `epoch`.
  public let metadata: [String: String]

  private let positions: [String: Int]
  private let records: ZipArchive?

  /// Opens and checks a file.
  ///
  /// - Throws: `WeightError`: unreadable, unknown format, damaged, unsupported, or refused.
  public convenience init(path: String) throws(WeightError) {
    try self.init(WeightSource(path: path))
  }

  /// Opens and checks the content of a file that is in memory.
  ///
  /// - Parameter name: what errors call it.
  /// - Throws: `WeightError`: unknown format, damaged, unsupported, or refused.
  public convenience init(bytes: [UInt8], name: String) throws(WeightError) {
    try self.init(WeightSource(bytes: bytes, name: name))
  }

  private init(_ source: WeightSource) throws(WeightError) {
    let directory: WeightDirectory
    switch try Container(of: source) {
    case .safetensors:
      directory = try readSafetensorsDirectory(source)
      records = nil
    case .zip:
      let archive = try ZipArchive(source)
      directory = try readTorchDirectory(archive)
      records = archive
    }
    var positions: [String: Int] = [:]
    for (position, tensor) in directory.tensors.enumerated()
    where positions.updateValue(position, forKey: tensor.name) != nil {
      throw source.damage(at: 0, "two tensors are named \(tensor.name)")
    }
    self.path = source.path
    self.format = directory.format
    self.tensors = directory.tensors
    self.metadata = directory.metadata
    self.positions = positions
  }

  /// The tensor of this full name, or nil.
  public subscript(name: String) -> WeightTensor? {
    positions[name].map { tensors[$0] }
  }

  /// All tensors, as a scope to descend from.
  public var scope: WeightScope { WeightScope(file: self, path: []) }

  /// Compares the records of a torch archive with their checksums, which opening does for the
  /// pickle alone. Safetensors has no checksums, so this does nothing there.
  ///
  /// - Throws: `WeightError.damaged` at the first record that differs.
  /// - Complexity: reads the whole file once.
  public func verifyChecksums() throws(WeightError) {
    try records?.verifyChecksums()
  }
}

/// What a format's reader hands to `WeightFile`.
struct WeightDirectory {
  let format: WeightFile.Format
  let tensors: [WeightTensor]
  let metadata: [String: String]
}

/// The outermost structure of a file, told by its first bytes.
private enum Container {
  case safetensors, zip

  init(of source: WeightSource) throws(WeightError) {
    let start = try source.slice(0..<64).bytes
    func begins(with text: String) -> Bool { start.starts(with: text.utf8) }

    if begins(with: "PK\u{3}\u{4}") {
      self = .zip
    } else if start.count > 8, start[8] == UInt8(ascii: "{") {
      self = .safetensors
    } else if start.count > 1, start[0] == 0x80, (2...5).contains(start[1]) {
      // A bare pickle: how `torch.save` wrote before PyTorch 1.6.
      throw .unsupported(
        file: source.path, what: "the torch format from before PyTorch 1.6 (a pickle, not a zip)",
        advice: "convert it with a newer PyTorch: "
          + "torch.save(torch.load(path, map_location='cpu'), path)")
    } else if begins(with: "version https://git-lfs") {
      throw .unknownFormat(
        file: source.path, found: "this is a Git LFS pointer (run `git lfs pull`)")
    } else if begins(with: "<") {
      throw .unknownFormat(file: source.path, found: "this is a web page (a failed download?)")
    } else if start.isEmpty {
      throw .unknownFormat(file: source.path, found: "the file is empty")
    } else {
      let bytes = start.prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
      throw .unknownFormat(
        file: source.path, found: "the file begins with bytes \(bytes.joined(separator: " "))")
    }
  }
}
