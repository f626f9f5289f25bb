import Weights

/// Sizes of a CLIP, read off the shapes of its tensors as the original does.
public struct CLIPConfiguration: Hashable, Sendable {
  /// Side of the pictures it takes, in pixels.
  public var imageSize: Int
  /// Side of a patch, in pixels.
  public var patchSize: Int
  public var imageWidth: Int
  public var imageLayers: Int
  public var textWidth: Int
  public var textLayers: Int
  /// Tokens of a text.
  public var contextLength: Int
  public var vocabularySize: Int
  /// Components of an embedding.
  public var embeddingWidth: Int

  /// - Throws: ``WeightError`` for a missing tensor, ``ModelError`` for another architecture.
  public init(_ weights: WeightScope) throws {
    let file = weights.file.path
    guard weights["visual"].contains("proj") else {
      throw ModelError.architecture(
        file: file,
        problem: "holds no vision transformer of OpenAI's CLIP (no tensor visual.proj); "
          + "a ViT model such as ViT-B/32 is needed")
    }
    func shape(_ scope: WeightScope, _ name: String, rank: Int) throws -> [Int] {
      let tensor = try scope.tensor(name)
      guard tensor.shape.count == rank, tensor.shape.allSatisfy({ $0 > 0 }) else {
        throw ModelError.architecture(
          file: file, problem: "\(tensor.name) has shape \(tensor.shape), expected \(rank) axes")
      }
      return tensor.shape
    }
    let visual = weights["visual"]
    let patches = try shape(visual["conv1"], "weight", rank: 4)
    let positions = try shape(visual, "positional_embedding", rank: 2)[0] - 1
    let side = Int(Double(positions).squareRoot().rounded())
    guard side > 0, side * side == positions else {
      throw ModelError.architecture(
        file: file, problem: "visual.positional_embedding has \(positions) patches, not a square")
    }
    imageWidth = patches[0]
    patchSize = patches[3]
    imageSize = patchSize * side
    imageLayers = visual["transformer"]["resblocks"].numberedChildren
    let text = try shape(weights, "positional_embedding", rank: 2)
    contextLength = text[0]
    textWidth = text[1]
    textLayers = weights["transformer"]["resblocks"].numberedChildren
    vocabularySize = try shape(weights["token_embedding"], "weight", rank: 2)[0]
    embeddingWidth = try shape(weights, "text_projection", rank: 2)[1]
    guard imageWidth % 64 == 0, textWidth % 64 == 0 else {
      throw ModelError.architecture(
        file: file, problem: "widths \(imageWidth) and \(textWidth) are not multiples of 64")
    }
  }
}
