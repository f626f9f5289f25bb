import Execution
import Foundation
import TensorGraph
import Weights

/// A render between two steps, with all that is needed to resume it: on the same device it ends in
/// the same picture, byte for byte, as if it had never stopped.
///
/// Stored as safetensors: the record in the metadata `tessera`, and every variable of the program
/// and every input that says what the prompts are as a tensor of its name.
public struct SavedRender: Sendable {
  public let record: RenderRecord
  /// Variables and prompt inputs of the program, by name.
  let tensors: [String: HostTensor<Float>]
  /// Steps from one frame to the next, where the render keeps frames.
  public var frameInterval: Int?

  private static let intervalKey = "tessera.frames"

  init(record: RenderRecord, tensors: [String: HostTensor<Float>]) {
    (self.record, self.tensors) = (record, tensors)
  }

  /// The render with its models at other places.
  /// - Parameters:
  ///   - generator: path of the generator's weights; nil leaves them where they were.
  ///   - perceptors: paths of the perceptors' weights in their order; empty leaves them.
  /// - Throws: ``GuidanceError/inputs(_:)`` for another number of perceptors.
  public func moved(
    generator: String?, perceptors: [String]
  ) throws(GuidanceError) -> SavedRender {
    let request = try record.request.moved(generator: generator, perceptors: perceptors)
    var saved = SavedRender(record: record.replacing(request), tensors: tensors)
    saved.frameInterval = frameInterval
    return saved
  }

  /// Reads what ``write(to:)`` wrote.
  /// - Throws: ``WeightError`` for a file that is damaged, ``GuidanceError`` for one that holds
  ///   something else, or was written by a version that keeps other things.
  public init(path: String) throws {
    let file = try WeightFile(path: path)
    guard let text = file.metadata[RenderRecord.keyword] else {
      throw GuidanceError.savedRender(
        file.metadata["tessera.render"] == nil
          ? "\(path) is no saved render: give the .resume file that an interrupted render left"
          : "\(path) was saved by Tessera 0.1, which can resume it; this version cannot: render anew")
    }
    record = try RenderRecord.decoded(text, of: path)
    guard record.stepsDone < record.request.totalSteps else {
      throw GuidanceError.savedRender("\(path) holds a damaged record of a render: render anew")
    }
    frameInterval = file.metadata[Self.intervalKey].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
    var tensors: [String: HostTensor<Float>] = [:]
    for tensor in file.tensors {
      let values = try tensor.floats()
      guard values.allSatisfy(\.isFinite) else {
        throw GuidanceError.savedRender(
          "\(path) is damaged: \(tensor.name) holds what is not a number; render anew")
      }
      tensors[tensor.name] = HostTensor(shape: tensor.shape, values)
    }
    self.tensors = tensors
  }

  /// Writes all of it; the file is complete or as it was before.
  /// - Throws: ``WeightError``.
  public func write(to path: String) throws {
    var metadata = [RenderRecord.keyword: try record.withAbsolutePaths.json()]
    metadata[Self.intervalKey] = frameInterval.map { "\($0)" }
    var writer = SafetensorsWriter(metadata: metadata)
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      writer.add(name, shape: tensor.shape) { () throws(WeightError) in tensor.values }
    }
    try writer.write(to: path)
  }
}
