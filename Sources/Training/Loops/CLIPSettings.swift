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
  /// Parts that a step's pairs are run through the towers in; see ``CachedCLIPStep``.
  public var parts = 1
  public var steps = 20_000
  public var seed: UInt64 = 0
  /// Highest learning rate.
  public var rate: Float = 1e-3
  /// Steps of its rise.
  public var warmup = 500
  /// Share of a matrix that a step at rate 1 takes off.
  public var decay: Float = 0.2
  /// Perturbation of the pictures that the model is to withstand; nil trains on them as they are.
  public var adversary: Adversary?
  /// Coefficients of Adam's running means.
  public var beta1 = 0.9
  public var beta2 = 0.98

  public init() {}

  /// Search for the small change of a picture that spoils its match most, which training then uses in
  /// its place.
  ///
  /// Madry et al., "Towards Deep Learning Models Resistant to Adversarial Attacks" (ICLR 2018).
  public struct Adversary: Hashable, Sendable, Codable {
    /// Largest change of a sample, of 0…1.
    public var radius: Float
    /// Steps of the search.
    public var steps: Int

    public init(radius: Float, steps: Int) { (self.radius, self.steps) = (radius, steps) }
  }

  var schedule: LearningSchedule { LearningSchedule(peak: rate, warmup: warmup, steps: steps) }

  /// Width of an attention head, which the checkpoint's shapes do not tell.
  static let headWidth = 64

  /// Takes up the sizes of a model that training is to go on with.
  /// - Throws: ``TrainingError/settings(_:)`` for one that is not of OpenAI's vision transformers.
  mutating func takeSizes(of c: CLIPConfiguration) throws(TrainingError) {
    guard case .transformer(let tower, let patchSize) = c.image,
      tower.activation == .quickGELU, c.text.activation == .quickGELU,
      [tower, c.text].allSatisfy({
        $0.heads * Self.headWidth == $0.width && $0.hiddenWidth == 4 * $0.width
      })
    else {
      throw .settings(
        "only a CLIP with a vision transformer of OpenAI's kind is trained: heads of "
          + "\(Self.headWidth), quick GELU")
    }
    (size, patch, imageWidth, imageLayers) = (c.imageSize, patchSize, tower.width, tower.layers)
    (textWidth, textLayers, contextLength) = (c.text.width, c.text.layers, c.contextLength)
    (embedding, vocabulary) = (c.embeddingWidth, c.vocabularySize)
  }

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
    guard parts > 0, batch % parts == 0 else {
      throw .settings("a batch of \(batch) does not divide into \(parts) parts")
    }
    if let adversary {
      guard adversary.radius > 0, adversary.radius < 1, (1...20).contains(adversary.steps) else {
        throw .settings("an adversary has a radius between 0 and 1, and 1 to 20 steps")
      }
      guard parts == 1 else {
        throw .settings("an adversary sees the whole batch at once: take 1 part")
      }
    }
    guard steps > 0, warmup >= 0, contextLength > 2 else {
      throw .settings("steps, warm-up and context length must be positive")
    }
  }
}
