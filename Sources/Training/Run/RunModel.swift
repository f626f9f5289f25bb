import Execution
import Foundation
import Models
import TensorGraph

/// Makes what a run trains.
enum RunModel {
  /// - Parameter vocabulary: that a run began with; nil learns one from the captions.
  static func loop(
    _ configuration: RunConfiguration, _ sources: RunData.Sources, vocabulary: String?,
    on device: ComputeDevice
  ) throws -> any TrainingLoop {
    switch configuration.model {
    case .vqgan(var settings):
      var initial: InitialWeights?
      if let path = configuration.from {
        let checkpoint = try VQGANCheckpoint(path: path)
        settings.takeSizes(of: checkpoint.configuration)
        initial = .read(checkpoint.weights)
      }
      return try VQGANTraining(
        settings, trained: initial,
        perceptual: settings.perceptualWeight > 0 ? try perceptualDistance() : nil, on: device)
    case .clip(let settings):
      var initial: InitialWeights?
      var merges = vocabulary
      if let path = configuration.from {
        let checkpoint = try CLIPCheckpoint(path: path)
        initial = .read(checkpoint.weights)
        merges = merges ?? Vocabulary.path(forModel: path)
      }
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
