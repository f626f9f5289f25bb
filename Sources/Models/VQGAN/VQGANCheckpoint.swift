import Foundation
import TensorGraph
import Weights

/// A VQGAN's weights and sizes, opened and checked but not yet in any graph.
public struct VQGANCheckpoint: Sendable {
  public let file: WeightFile
  public let configuration: VQGANConfiguration
  package let weights: NamedWeights

  /// - Parameter path: a `.safetensors`, `.ckpt` or `.pt` of a VQGAN or of a transformer on one;
  ///   its configuration is the `.yaml` or `.yml` of the same name beside it.
  /// - Throws: ``WeightError`` or ``ModelError`` naming the file and what is wrong with it.
  public init(path: String) throws {
    file = try WeightFile(path: path)
    let root = file.scope.unwrapped
    guard !["visual.conv1.weight", "vision_model.embeddings.class_embedding"].contains(where: root.contains)
    else {
      throw ModelError.architecture(file: path, problem: "holds a CLIP, no VQGAN: give it with --clip")
    }
    let stem = URL(fileURLWithPath: path).deletingPathExtension()
    let yaml = ["yaml", "yml"].map { stem.appendingPathExtension($0) }
      .first { FileManager.default.fileExists(atPath: $0.path) }
      ?? stem.appendingPathExtension("yaml")
    configuration = try VQGANConfiguration(yaml: yaml.path)
    let firstStage = root["first_stage_model"]
    weights = NamedWeights(firstStage.isEmpty ? root : firstStage)
    let quantizer = configuration.quantizer
    for other in [VQGANConfiguration.Quantizer.nearestCode, .largestLogit]
    where other != quantizer && !weights.contains(quantizer.codebook)
      && weights.contains(other.codebook)
    {
      throw ModelError.configuration(
        file: yaml.path,
        problem: "describes a \(quantizer.className), but \(path) holds a \(other.className); "
          + "give the .yaml that came with it, or set its target")
    }
    // Building the model checks every tensor's name and shape.
    _ = try VQGAN(self, in: Graph())
  }

  /// The rows of the codebook that `codes` name, one after the other. Only these are read.
  package func latent(ofCodes codes: [Int32]) throws -> [Float] {
    let (count, channels) = (configuration.codeCount, configuration.codeChannels)
    let codebook = try weights.tensor(configuration.quantizer.codebook, shape: [count, channels])
    var latent: [Float] = []
    latent.reserveCapacity(codes.count * channels)
    for code in codes { latent += try codebook.row(Int(code)) }
    return latent
  }
}

extension VQGANConfiguration.Quantizer {
  /// The codebook's name in the checkpoint.
  fileprivate var codebook: String { "quantize.\(codebookName).weight" }

  var codebookName: String {
    switch self {
    case .nearestCode: "embedding"
    case .largestLogit: "embed"
    }
  }

  fileprivate var className: String {
    switch self {
    case .nearestCode: "VQModel"
    case .largestLogit: "GumbelVQ"
    }
  }
}
