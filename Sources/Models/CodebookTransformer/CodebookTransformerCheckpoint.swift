import Foundation
import TensorGraph
import Weights

/// A codebook transformer's weights and sizes, opened and checked but not yet in any graph.
public struct CodebookTransformerCheckpoint: Sendable {
  public let file: WeightFile
  public let configuration: CodebookTransformerConfiguration
  package let weights: NamedWeights

  /// - Parameter path: a `.safetensors`, or a `.ckpt` of a `Net2NetTransformer`; its configuration is
  ///   the `.yaml` of the same name beside it.
  /// - Throws: ``WeightError`` or ``ModelError`` naming the file and what is wrong with it.
  public init(path: String) throws {
    file = try WeightFile(path: path)
    let scope = file.scope["transformer"]
    guard scope.contains("tok_emb.weight") else {
      throw ModelError.architecture(
        file: path, problem: "holds no codebook transformer (no tensor transformer.tok_emb.weight)")
    }
    weights = NamedWeights(scope)
    let yaml = URL(fileURLWithPath: path).deletingPathExtension().appendingPathExtension("yaml")
    configuration = try CodebookTransformerConfiguration(weights, yaml: yaml.path)
    // Building the model checks every tensor's name and shape.
    _ = try CodebookTransformer(configuration, ModelWeights(weights, in: Graph()))
  }

  /// The transformer that belongs to the VQGAN at `path`: in the same file, in one of its name with
  /// `.transformer` before the suffix, or in `transformer.safetensors` beside it; nil if there is none.
  public static func path(besideVQGAN path: String) -> String? {
    let url = URL(fileURLWithPath: path)
    if let file = try? WeightFile(path: path),
      file.scope["transformer"].contains("tok_emb.weight")
    {
      return path
    }
    let names = [
      url.deletingPathExtension().lastPathComponent + ".transformer.safetensors",
      "transformer.safetensors",
    ]
    return names.map { url.deletingLastPathComponent().appendingPathComponent($0).path }
      .first(where: FileManager.default.fileExists)
  }
}
