import Execution
import Foundation
import Models
import TensorGraph

/// Makes what a run trains.
enum RunModel {
  /// - Parameters:
  ///   - isNew: whether the run begins now, with the weights of the model that it names. If not, they
  ///     are about to be restored.
  ///   - folder: of a run with a checkpoint, whose vocabulary and codes are taken; nil takes the named
  ///     model's vocabulary, or learns one from the captions.
  static func loop(
    _ configuration: RunConfiguration, _ sources: RunData.Sources, isNew: Bool,
    folder: RunFolder? = nil, on device: ComputeDevice
  ) throws -> any TrainingLoop {
    let from = isNew ? configuration.from : nil
    switch configuration.model {
    case .vqgan(let settings):
      let initial = try from.map { InitialWeights.read(try VQGANCheckpoint(path: $0).weights) }
      return try VQGANTraining(
        settings, trained: initial,
        perceptual: settings.perceptualWeight > 0 ? try perceptualDistance() : nil, on: device)
    case .clip(let settings):
      let initial = try from.map { InitialWeights.read(try CLIPCheckpoint(path: $0).weights) }
      return try CLIPTraining(
        settings,
        vocabulary: try vocabulary(
          settings.vocabulary, settings.seed, sources, configuration, from: from, in: folder),
        initial: initial, on: device)
    case .transformer(let settings):
      let initial = try from.map {
        InitialWeights.read(try CodebookTransformerCheckpoint(path: $0).weights)
      }
      return try TransformerTraining(
        settings, vqgan: try VQGANCheckpoint(path: settings.vqgan),
        vocabulary: configuration.model.readsCaptions
          ? try vocabulary(
            settings.vocabulary, settings.seed, sources, configuration, from: from, in: folder)
          : nil,
        initial: initial, encoded: folder?.codes, on: device)
    }
  }

  /// The vocabulary that a run began with, else the one that is named, else that of the model that it
  /// begins with, else one that is learned from the captions.
  private static func vocabulary(
    _ size: Int, _ seed: UInt64, _ sources: RunData.Sources, _ configuration: RunConfiguration,
    from model: String?, in folder: RunFolder?
  ) throws -> TrainedVocabulary {
    if let path = folder?.vocabulary ?? configuration.merges
      ?? model.flatMap({ Vocabulary.path(forModel: $0) })
    {
      return try TrainedVocabulary(path: path)
    }
    return try TrainedVocabulary(learnedFrom: sources.training, size: size, seed: seed)
  }

  /// Distance of pictures in -1…1 by the network that comes with Tessera.
  private static func perceptualDistance() throws -> (Tensor, Tensor) throws -> Tensor {
    guard let path = PerceptualCheckpoint.installedPath else {
      throw TrainingError.settings(
        "the perceptual network is not found (weights/perceptual): set TESSERA_HOME, or train "
          + "without it, by --perceptual 0")
    }
    let checkpoint = try PerceptualCheckpoint(path: path)
    return { a, b in try PerceptualDistance(checkpoint, in: a.graph, range: .minusOneToOne)(a, b) }
  }
}
