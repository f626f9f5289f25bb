import Foundation
import TensorGraph
import Weights

/// A CLIP's weights and sizes, opened and checked but not yet in any graph.
///
/// Whose it is shows in its tensors' names:
/// - OpenAI's, as downloaded (a TorchScript archive), as a `state_dict`, or converted;
/// - OpenCLIP's, with `open_clip_config.json` beside it;
/// - `CLIPModel` of Hugging Face's transformers, with `config.json` beside it.
public struct CLIPCheckpoint: Sendable {
  public let file: WeightFile
  public let configuration: CLIPConfiguration
  package let weights: NamedWeights

  /// - Parameter path: a `.safetensors`, `.pt` or `.bin`.
  /// - Throws: ``WeightError`` or ``ModelError`` naming the file and what is wrong with it.
  public init(path: String) throws {
    file = try WeightFile(path: path)
    let layout = try CLIPLayout(file)
    weights = layout.weights
    configuration = try CLIPConfiguration(weights, layout.details)
    // Building the model checks every tensor's name and shape.
    _ = try CLIP(self, in: Graph())
  }
}

/// How a file holds a CLIP: the names of its tensors, and what they do not tell.
private struct CLIPLayout {
  let weights: NamedWeights
  let details: CLIPDetails

  init(_ file: WeightFile) throws(ModelError) {
    let folder = URL(fileURLWithPath: file.path).deletingLastPathComponent()
    let openCLIP = folder.appendingPathComponent("open_clip_config.json").path
    let root = file.scope.unwrapped
    // A checkpoint of OpenCLIP's training keeps the wrapper of its parallel model.
    let isParallel = root.prefix.hasPrefix("module")

    if root.contains("vision_model.embeddings.class_embedding") {
      weights = NamedWeights(root, naming: .huggingFaceCLIP)
      let configuration = folder.appendingPathComponent("config.json").path
      details = try CLIPDetails(huggingFace: configuration)
    } else if !root.contains("visual.conv1.weight") {
      throw .architecture(
        file: file.path,
        problem: root["visual"]["trunk"].isEmpty
          ? "holds no CLIP (no tensor visual.conv1.weight or vision_model.embeddings.…); "
            + "give a CLIP of OpenAI, OpenCLIP or Hugging Face's transformers"
          : "has an image encoder from timm (visual.trunk.…), which is not supported; choose an "
            + "OpenCLIP model of a standard vision transformer or residual network")
    } else if root.contains("text.token_embedding.weight") {
      weights = NamedWeights(root, naming: .openCLIPTextTower)
      details = try CLIPDetails(openCLIP: openCLIP)
    } else {
      weights = NamedWeights(root)
      let isOpenCLIP = file.format != .torchScript
        && (FileManager.default.fileExists(atPath: openCLIP) || isParallel
          || URL(fileURLWithPath: file.path).lastPathComponent.hasPrefix("open_clip"))
      details = isOpenCLIP ? try CLIPDetails(openCLIP: openCLIP) : .openAI
    }
  }
}
