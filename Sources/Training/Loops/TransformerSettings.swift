import Models

/// What a training of a codebook transformer is to do: sizes of the model, and how it learns.
public struct TransformerSettings: Hashable, Sendable, Codable {
  /// VQGAN whose codes it learns to foretell.
  public var vqgan = ""
  /// Side of the pictures, in pixels.
  public var size = 128
  public var width = 256
  public var layers = 8
  /// What stands in front of a picture's codes: its caption, or nothing.
  public var condition = CodebookTransformerConfiguration.Condition.words
  /// Tokens of a caption; longer ones are cut.
  public var captionLength = 16
  /// Entries of the vocabulary that is learned from the captions, where none is given.
  public var vocabulary = 4096
  /// Share of the captions that are left out, so that pictures are foretold without one as well.
  public var dropped: Float = 0.1
  /// Share of the codes that the model is shown as they are; the others are drawn at random.
  public var kept: Float = 1

  /// Pictures of a step.
  public var batch = 64
  public var steps = 50_000
  public var seed: UInt64 = 0
  /// Pictures whose codes are computed; when there are so many, training goes on with these.
  public var encoded = 65_536
  /// Highest learning rate.
  public var rate: Float = 1e-3
  /// Steps of its rise.
  public var warmup = 500
  /// Learning rate of the last step, as a share of the highest.
  public var finalShare: Float = 0.05
  /// Share of a layer's matrix that a step at rate 1 takes off; embeddings keep theirs.
  public var decay: Float = 0.01
  /// Coefficients of Adam's running means.
  public var beta1 = 0.9
  public var beta2 = 0.95
  /// Largest norm of the gradient of all weights together.
  public var clipping: Float = 1
  /// Decay of the running mean of the weights, which is what is exported.
  public var averaging: Float = 0.999

  public init() {}

  var schedule: LearningSchedule {
    LearningSchedule(peak: rate, warmup: warmup, steps: steps, finalShare: finalShare)
  }

  /// Steps whose pictures are encoded; those after them take codes that are known.
  var encodedSteps: Int { max(encoded / batch, 1) }

  /// Takes up the sizes of a model that training is to go on with.
  mutating func takeSizes(of c: CodebookTransformerConfiguration) {
    (width, layers, condition) = (c.width, c.layers, c.condition)
    (captionLength, vocabulary) = (c.conditionLength, c.wordCount)
  }

  package func configuration(
    _ vqgan: VQGANConfiguration, wordCount: Int
  ) -> CodebookTransformerConfiguration {
    let side = size / vqgan.factor
    let length = condition == .words ? captionLength : 1
    return CodebookTransformerConfiguration(
      codes: vqgan.codeCount, tokens: vqgan.codeCount + wordCount,
      positions: length + side * side - 1, layers: layers,
      heads: width / CodebookTransformerConfiguration.headWidth, width: width,
      condition: condition, conditionLength: length, rows: side, columns: side)
  }

  /// - Throws: ``TrainingError/settings(_:)`` naming what does not fit.
  func validate(_ vqgan: VQGANConfiguration) throws(TrainingError) {
    let headWidth = CodebookTransformerConfiguration.headWidth
    guard width % headWidth == 0, width >= headWidth else {
      throw .settings("the width is \(width): it must be a multiple of \(headWidth)")
    }
    guard size % vqgan.factor == 0, size >= 2 * vqgan.factor else {
      throw .settings(
        "a size of \(size) pixels does not divide into codes of \(vqgan.factor), two or more a side")
    }
    guard [.words, .none].contains(condition) else {
      throw .settings("the condition is \(condition.rawValue): training takes words or none")
    }
    guard batch > 0, steps > 0, layers > 0, encoded > 0, (2...512).contains(captionLength) else {
      throw .settings("batch, steps, layers and encoded pictures must be positive")
    }
    guard (0...1).contains(dropped), (0...1).contains(kept) else {
      throw .settings("shares of captions and codes are from 0 to 1")
    }
  }
}

extension TransformerSettings: ModelSettings {}

extension TransformerSettings {
  /// Sizes under a name.
  public struct Preset: Sendable {
    public let name: String
    public let summary: String
    public let width: Int
    public let layers: Int
  }

  /// Presets, the default first.
  public static let presets = [
    Preset(name: "small", summary: "6 million weights", width: 256, layers: 8),
    Preset(name: "medium", summary: "12 million", width: 320, layers: 10),
    Preset(name: "large", summary: "25 million", width: 512, layers: 8),
  ]
}
