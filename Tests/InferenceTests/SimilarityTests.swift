import Inference
import Testing

@Suite struct SimilarityTests {
  @Test func cosines() {
    #expect(Similarity.cosine([3, 4], [6, 8]) == 1)
    #expect(Similarity.cosine([3, 4], [-4, 3]) == 0)
    #expect(Similarity.cosine([1, 0], [-2, 0]) == -1)
    #expect(Similarity.cosine([0, 0], [1, 0]) == 0)
  }

  @Test func probabilitiesAreASoftmax() {
    let picture: [Float] = [1, 0]
    let texts: [[Float]] = [[2, 0], [0, 1], [-1, 0]]
    let probabilities = Similarity.probabilities(of: texts, for: picture, scale: 2)
    // e², 1 and e⁻² over their sum.
    let softmax: [Float] = [0.866_813_3, 0.117_310_4, 0.015_876_3]
    for (found, expected) in zip(probabilities, softmax) {
      #expect(abs(found - expected) < 1e-6)
    }
    // Where powers of such logits would overflow.
    #expect(Similarity.probabilities(of: texts, for: picture, scale: 1000) == [1, 0, 0])
  }
}
