import Imaging
import Models
import Weights

/// A picture as a VQGAN's codes, and their file: safetensors with one int32 tensor `codes`
/// [rows,columns], and in the metadata the `model`'s file name, its number of `codes`, and the
/// picture's `width` and `height`.
public struct CodeGrid: Hashable, Sendable {
  /// Indices into the codebook, row-major.
  public let codes: [Int32]
  public let rows: Int
  public let columns: Int
  /// Size of the picture in pixels; the codes may cover up to a code more to the right and below.
  public let width: Int
  public let height: Int
  /// File name of the generator that the codes belong to.
  public let model: String
  /// Codes in its codebook.
  public let codebookCount: Int

  public init(
    codes: [Int32], rows: Int, columns: Int, width: Int, height: Int, model: String,
    codebookCount: Int
  ) {
    precondition(codes.count == rows * columns, "\(codes.count) codes for \(rows)×\(columns)")
    self.codes = codes
    self.rows = rows
    self.columns = columns
    self.width = width
    self.height = height
    self.model = model
    self.codebookCount = codebookCount
  }

  /// Writes the file, whole or not at all.
  public func write(to path: String) throws {
    var writer = SafetensorsWriter(
      precision: .int32,
      metadata: [
        "model": model, "codes": "\(codebookCount)", "width": "\(width)", "height": "\(height)",
      ])
    writer.add("codes", shape: [rows, columns]) { codes.map(Float.init) }
    try writer.write(to: path)
  }

  /// Reads a file of codes.
  ///
  /// - Throws: `WeightError` if it cannot be read; ``InferenceError/codes(file:reason:)`` if it
  ///   holds no codes, codes beyond the codebook, or a size that they do not cover.
  public init(contentsOf path: String) throws {
    let file = try WeightFile(path: path)
    func problem(_ reason: String) -> InferenceError { .codes(file: path, reason: reason) }
    func number(_ key: String, _ range: ClosedRange<Int>) throws -> Int {
      guard let text = file.metadata[key], let value = Int(text), range.contains(value) else {
        throw problem(
          "its metadata has no '\(key)' of \(range.lowerBound) to \(range.upperBound); make the "
            + "file with 'tessera vqgan encode'")
      }
      return value
    }
    guard let tensor = file["codes"], tensor.scalar == .int32, tensor.shape.count == 2,
      tensor.count > 0
    else { throw problem("holds no int32 tensor 'codes' [rows,columns]") }
    let known = try number("codes", 1...1 << 24)
    width = try number("width", 1...PNG.maximumSide)
    height = try number("height", 1...PNG.maximumSide)
    model = file.metadata["model"] ?? ""
    let values = try tensor.floats()
    let (rows, columns) = (tensor.shape[0], tensor.shape[1])
    if let place = values.firstIndex(where: { !(0..<Float(known)).contains($0) }) {
      throw problem(
        "code \(Int(values[place])) at row \(place / columns), column \(place % columns) is not "
          + "one of \(known)")
    }
    codes = values.map { Int32($0) }
    codebookCount = known
    self.rows = rows
    self.columns = columns
  }
}
