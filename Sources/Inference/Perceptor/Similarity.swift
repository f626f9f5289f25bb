import Foundation

/// How well embeddings agree.
public enum Similarity {
  /// Cosine of the angle between two embeddings, -1…1; 0 if one of them is zero.
  public static func cosine(_ a: [Float], _ b: [Float]) -> Float {
    precondition(a.count == b.count, "embeddings of \(a.count) and \(b.count) components")
    var (product, squaresA, squaresB) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
      product += Double(x) * Double(y)
      squaresA += Double(x) * Double(x)
      squaresB += Double(y) * Double(y)
    }
    let lengths = (squaresA * squaresB).squareRoot()
    return lengths > 0 ? Float(product / lengths) : 0
  }

  /// softmax(scale · cosine): how probable each of `texts` is for `picture`, if one of them fits.
  ///
  /// - Parameter scale: ``Perceptor/logitScale`` of the model that made the embeddings.
  public static func probabilities(
    of texts: [[Float]], for picture: [Float], scale: Float
  ) -> [Float] {
    let logits = texts.map { Double(scale * cosine($0, picture)) }
    let highest = logits.max() ?? 0
    let powers = logits.map { exp($0 - highest) }
    let total = powers.reduce(0, +)
    return powers.map { Float($0 / total) }
  }
}
