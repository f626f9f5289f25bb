import Models

/// What a training of a CLIP is to do: sizes of the model, and how it learns.
public struct CLIPSettings: Hashable, Sendable, Codable {
  /// Side of the pictures, in pixels.
  public var size = 64
  /// Side of a patch of the vision transformer, in pixels.
  public var patch = 8
  public var imageWidth = 256
  public var imageLayers = 6
  public var textWidth = 256
  public var textLayers = 4
  /// Tokens of a text; longer captions are cut.
  public var contextLength = 32
  /// Components of an embedding.
  public var embedding = 256
  /// Entries of the vocabulary that is learned from the captions, where none is given.
  public var vocabulary = 4096

  /// Pairs of a step.
  public var batch = 256
  public var steps = 20_000
  public var seed: UInt64 = 0
  /// Highest learning rate.
  public var rate: Float = 1e-3
  /// Steps of its rise.
  public var warmup = 500
  /// Share of a matrix that a step at rate 1 takes off.
  public var decay: Float = 0.2
  /// Coefficients of Adam's running means.
  public var beta1 = 0.9
  public var beta2 = 0.98

  public init() {}

  var schedule: LearningSchedule { LearningSchedule(peak: rate, warmup: warmup, steps: steps) }

  /// Width of an attention head, which the checkpoint's shapes do not tell.
  static let headWidth = 64

  package func configuration(vocabularySize: Int) -> CLIPConfiguration {
    func transformer(_ width: Int, _ layers: Int) -> TransformerConfiguration {
      TransformerConfiguration(
        width: width, layers: layers, heads: width / Self.headWidth, hiddenWidth: 4 * width,
        activation: .quickGELU)
    }
    return CLIPConfiguration(
      imageSize: size, image: .transformer(transformer(imageWidth, imageLayers), patchSize: patch),
      text: transformer(textWidth, textLayers), contextLength: contextLength,
      vocabularySize: vocabularySize, embeddingWidth: embedding,
      pixelMean: CLIPConfiguration.openAIMean, pixelDeviation: CLIPConfiguration.openAIDeviation)
  }

  /// - Throws: ``TrainingError/settings(_:)`` naming what does not fit.
  func validate() throws(TrainingError) {
    for (name, width) in [("image", imageWidth), ("text", textWidth)]
    where width % Self.headWidth != 0 || width < Self.headWidth {
      throw .settings("the \(name) width is \(width): it must be a multiple of \(Self.headWidth)")
    }
    guard size % patch == 0, size >= patch else {
      throw .settings("a size of \(size) pixels does not divide into patches of \(patch)")
    }
    guard batch > 1 else {
      throw .settings("a batch of \(batch) gives no text to tell apart: take 2 or more")
    }
    guard steps > 0, warmup >= 0, contextLength > 2 else {
      throw .settings("steps, warm-up and context length must be positive")
    }
  }
}
