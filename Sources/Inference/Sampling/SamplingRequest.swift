import Foundation

/// What a codebook transformer is to sample.
public struct SamplingRequest: Hashable, Sendable {
  /// Tokens of the condition of each picture.
  public var conditions: [[Int32]] = []
  /// Tokens that stand for any picture, which ``guidance`` compares with.
  public var anyPicture: [Int32]?
  /// How far logits are taken beyond those without the condition: 1 takes them as they are.
  ///
  /// Ho and Salimans, "Classifier-Free Diffusion Guidance" (2022), of logits as Make-A-Scene's.
  public var guidance: Float = 1
  public var distribution = CodeDistribution()
  public var seed: UInt64 = 0
  /// Number of the first picture, which tells its draws from those of others.
  public var firstPicture = 0
  /// Codes that are given, in the order of rows; nil ones are sampled.
  public var given: [Int32?]?
  /// Size in codes; nil for that which the transformer was trained on.
  public var rows: Int?
  public var columns: Int?

  public init() {}

  /// Guidance and ``CodeDistribution/topP`` that pictures of words come out best with: docs/imagine.md.
  public static let usualGuidance: Float = 2
  public static let usualTopP: Float = 0.95
}

/// How a code is drawn from logits.
public struct CodeDistribution: Hashable, Sendable, Codable {
  /// Divides the logits: below 1 likely codes become likelier; 0 takes the likeliest.
  public var temperature: Float = 1
  /// Codes that may be drawn, the likeliest and those that equal the last of them; nil for all.
  public var topK: Int?
  /// Probability of the codes that may be drawn, the fewest that reach it.
  public var topP: Float = 1

  public init() {}

  /// Draws a code.
  /// - Parameter unit: a number in 0..<1.
  package func code(_ logits: ArraySlice<Float>, unit: Double) -> Int32 {
    let logits = Array(logits)
    if temperature <= 0 { return Self.largest(logits) }
    var weights = logits.map { $0 / temperature }
    if let topK, topK < weights.count {
      let limit = weights.sorted(by: >)[max(topK, 1) - 1]
      for index in weights.indices where weights[index] < limit { weights[index] = -.infinity }
    }
    let highest = weights.max() ?? 0
    var shares = weights.map { exp(Double($0 - highest)) }
    if topP < 1 {
      let total = shares.reduce(0, +)
      var sum = 0.0
      // Of equal ones the first, so that the order does not depend on the sort.
      for index in shares.indices.sorted(by: { (shares[$1], $0) < (shares[$0], $1) }) {
        if sum >= Double(topP) * total { shares[index] = 0 } else { sum += shares[index] }
      }
    }
    var rest = unit * shares.reduce(0, +)
    for (index, share) in shares.enumerated() {
      rest -= share
      if rest < 0 { return Int32(index) }
    }
    return Self.largest(weights)
  }

  private static func largest(_ values: [Float]) -> Int32 {
    Int32(values.indices.max { (values[$0], $1) < (values[$1], $0) } ?? 0)
  }
}
