import Foundation
import TensorGraph
import Weights

/// A render between two steps, with all that is needed to go on: on the same device it ends in the
/// same picture, byte for byte, as if it had never stopped.
///
/// Kept as safetensors: the latent, Adam's moments and, with an initial weight, the latent it began
/// from as tensors [1,rows,columns,channels], the embeddings of picture prompts as [pictures,components], the rest as JSON in the metadata.
public struct RenderState: Sendable {
  /// Without pictures: the latent has left behind the one that it started from, and those that are
  /// prompts are embedded.
  public let settings: RenderSettings
  public let models: ModelFiles
  /// Name of the picture it was started from.
  public let initialImage: String?
  /// In which the perceptor sees the cutouts; other batches round otherwise.
  let batches: Int
  public let stepsDone: Int
  let latent: [Float]
  /// Where the latent is held to; only with an initial weight.
  let initialLatent: [Float]?
  let moments: [[Float]]
  /// Embeddings of the settings' picture prompts.
  let pictures: [[Float]]
  let lossScale: Float
  let shape: Shape

  private static let metadataKey = "tessera.render"
  private static let picturesName = "picture prompts"

  /// What the metadata holds.
  private struct Record: Codable {
    let settings: RenderSettings
    let models: ModelFiles
    let initialImage: String?
    let batches: Int
    let stepsDone: Int
    let lossScale: Float
  }

  init(
    settings: RenderSettings, models: ModelFiles, initialImage: String?, batches: Int,
    stepsDone: Int, latent: [Float], initialLatent: [Float]?, moments: [[Float]],
    pictures: [[Float]], lossScale: Float, shape: Shape
  ) {
    self.settings = settings
    self.models = models
    self.initialImage = initialImage
    self.batches = batches
    self.stepsDone = stepsDone
    self.latent = latent
    self.initialLatent = initialLatent
    self.moments = moments
    self.pictures = pictures
    self.lossScale = lossScale
    self.shape = shape
  }

  /// Reads what ``write(to:)`` wrote.
  /// - Throws: ``WeightError`` for a file that is damaged, ``GuidanceError/savedRender(_:)`` for one
  ///   that holds something else.
  public init(path: String) throws {
    let file = try WeightFile(path: path)
    guard let text = file.metadata[Self.metadataKey] else {
      throw GuidanceError.savedRender(
        "\(path) is no saved render: give the .resume file that an interrupted render left")
    }
    guard let record = try? JSONDecoder().decode(Record.self, from: Data(text.utf8)),
      record.stepsDone >= 0, record.stepsDone < record.settings.steps,
      (1...max(1, record.settings.cutouts.count)).contains(record.batches)
    else {
      throw GuidanceError.savedRender(
        "\(path) holds settings that this version cannot read: render anew")
    }
    try record.settings.validate()
    var pictures: [[Float]] = []
    let count = record.settings.picturePrompts.count
    if count > 0 {
      let tensor = try file.scope.tensor(Self.picturesName)
      guard tensor.shape.count == 2, tensor.shape[0] == count else {
        throw GuidanceError.savedRender(
          "\(path) has embeddings of shape \(tensor.shape) for \(count) pictures: render anew")
      }
      let (values, width) = (try tensor.floats(), tensor.shape[1])
      pictures = (0..<count).map { Array(values[$0 * width..<($0 + 1) * width]) }
    }
    let latent = try file.scope.tensor(GuidanceStep.latentName)
    func floats(_ name: String) throws -> [Float] {
      try file.scope.tensor(name, shape: latent.shape).floats()
    }
    self.init(
      settings: record.settings, models: record.models, initialImage: record.initialImage,
      batches: record.batches, stepsDone: record.stepsDone, latent: try latent.floats(),
      initialLatent: record.settings.initialWeight > 0
        ? try floats(GuidanceStep.initialLatentName) : nil,
      moments: try GuidanceStep.momentNames.map(floats), pictures: pictures,
      lossScale: record.lossScale, shape: latent.shape)
  }

  /// Writes all of it; the file is complete or as it was before.
  /// - Throws: ``WeightError``.
  public func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let record = Record(
      settings: settings, models: models, initialImage: initialImage, batches: batches,
      stepsDone: stepsDone, lossScale: lossScale)
    let text = String(decoding: try encoder.encode(record), as: UTF8.self)
    var writer = SafetensorsWriter(metadata: [Self.metadataKey: text])
    var tensors = [(GuidanceStep.latentName, latent)] + zip(GuidanceStep.momentNames, moments)
    if let initialLatent { tensors.append((GuidanceStep.initialLatentName, initialLatent)) }
    for (name, values) in tensors {
      writer.add(name, shape: shape) { () throws(WeightError) in values }
    }
    if let width = pictures.first?.count {
      writer.add(Self.picturesName, shape: [pictures.count, width]) { () throws(WeightError) in
        pictures.flatMap { $0 }
      }
    }
    try writer.write(to: path)
  }
}
