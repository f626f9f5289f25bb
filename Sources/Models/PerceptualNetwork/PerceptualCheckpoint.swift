import Support
import TensorGraph
import Weights

/// A perceptual network's weights, opened and checked but not yet in any graph.
public struct PerceptualCheckpoint: Sendable {
  public let file: WeightFile
  package let weights: NamedWeights

  /// - Parameter path: a `.safetensors` that `weights/perceptual/convert.py` wrote.
  /// - Throws: ``WeightError`` naming the file and what is wrong with it.
  public init(path: String) throws {
    file = try WeightFile(path: path)
    weights = NamedWeights(file.scope)
    // Building the model checks every tensor's name and shape.
    _ = try PerceptualNetwork(self, in: Graph())
  }

  /// Path of the weights that come with Tessera, nil if they are not found.
  public static var installedPath: String? {
    InstalledFiles.path(of: "weights/perceptual/efficientnet-lite0.safetensors")
  }
}
