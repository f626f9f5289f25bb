import Execution
import Foundation
import Imaging
import Models
import TensorGraph

/// A VQGAN on a device: pictures to codes and back.
///
/// ```swift
/// let codec = try PictureCodec("vqgan.safetensors", device: .automatic)
/// let codes = try codec.encode(Image(contentsOf: "house.png"))
/// try PNG.write(codec.decode(codes), to: "again.png")
/// ```
public struct PictureCodec {
  private let checkpoint: VQGANCheckpoint
  private let device: ComputeDevice

  /// File name of the weights.
  public var name: String { URL(fileURLWithPath: checkpoint.file.path).lastPathComponent }

  /// Pixels of a code along either side.
  public var factor: Int { checkpoint.configuration.factor }

  /// - Parameter path: The weights, with their `.yaml` beside them.
  public init(_ path: String, device: ComputeDevice) throws {
    self.init(try VQGANCheckpoint(path: path), device: device)
  }

  package init(_ checkpoint: VQGANCheckpoint, device: ComputeDevice) {
    self.checkpoint = checkpoint
    self.device = device
  }

  /// The nearest codes of a picture. What is missing to whole codes at the right and below is
  /// filled with the border's pixels, which ``decode(_:)`` takes off again.
  public func encode(_ picture: Image) throws -> CodeGrid {
    let factor = checkpoint.configuration.factor
    let rows = (picture.height + factor - 1) / factor
    let columns = (picture.width + factor - 1) / factor
    let padded = picture.extended(width: columns * factor, height: rows * factor)
    let graph = Graph()
    let model = try VQGAN(checkpoint, in: graph)
    let input = graph.input("picture", [1, padded.height, padded.width, 3])
    graph.output("codes", model.codes(ofEncoded: model.encode(2 * input - 1)))
    let executable = try device.compile(graph)
    try executable.write("picture", padded.pixels)
    try executable.step()
    return CodeGrid(
      codes: try executable.read("codes").map { Int32($0) }, rows: rows, columns: columns,
      width: picture.width, height: picture.height, model: name,
      codebookCount: checkpoint.configuration.codeCount)
  }

  /// The picture that codes stand for.
  ///
  /// - Parameter name: What errors call the codes.
  /// - Throws: ``InferenceError/codes(file:reason:)`` if they are of another codebook, or do not
  ///   cover the picture.
  public func decode(_ grid: CodeGrid, name: String = "codes") throws -> Image {
    let c = checkpoint.configuration
    guard grid.codebookCount == c.codeCount else {
      throw InferenceError.codes(
        file: name,
        reason: "the codes are \(grid.model)'s, of \(grid.codebookCount); \(self.name) has "
          + "\(c.codeCount): name their own model with --vqgan")
    }
    let (width, height) = (grid.columns * c.factor, grid.rows * c.factor)
    guard
      (width - c.factor + 1...width).contains(grid.width),
      (height - c.factor + 1...height).contains(grid.height)
    else {
      throw InferenceError.codes(
        file: name,
        reason: "\(grid.rows)×\(grid.columns) codes of \(c.factor)×\(c.factor) pixels do not make "
          + "a picture of \(grid.width)×\(grid.height); name their own model with --vqgan")
    }
    let graph = Graph()
    let model = try VQGAN(checkpoint, in: graph)
    let codes = graph.input("codes", [grid.codes.count], .int32)
    let latent = model.latent(ofCodes: codes, rows: grid.rows, columns: grid.columns)
    graph.output("picture", (0.5 * (model.decode(latent) + 1)).clampedWithGradient(to: 0...1))
    let executable = try device.compile(graph)
    try executable.write("codes", grid.codes.map(Float.init))
    try executable.step()
    return Image(width: width, height: height, pixels: try executable.read("picture"))
      .cropped(width: grid.width, height: grid.height)
  }
}
