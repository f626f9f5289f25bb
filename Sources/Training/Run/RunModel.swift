import Execution
import Foundation
import Models
import TensorGraph

/// Makes what a run trains.
enum RunModel {
  /// - Parameters:
  ///   - isNew: whether the run begins now, with the weights of the model that it names. If not, they
  ///     are about to be restored.
  ///   - vocabulary: path of that which a run began with; nil takes the named model's, or learns one
  ///     from the captions.
  static func loop(
    _ configuration: RunConfiguration, _ sources: RunData.Sources, isNew: Bool,
    vocabulary: String?, on device: ComputeDevice
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
      let merges = vocabulary ?? from.flatMap { Vocabulary.path(forModel: $0) }
      let words = try merges.map { try TrainedVocabulary(path: $0) }
        ?? TrainedVocabulary(
          learnedFrom: sources.training, size: settings.vocabulary, seed: settings.seed)
      return try CLIPTraining(settings, vocabulary: words, initial: initial, on: device)
    }
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
