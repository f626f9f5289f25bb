import TensorGraph

extension OpCase {
  /// Inputs are z, a codebook, and a table read at the codes.
  package static let quantization: [OpCase] = [
    quantization("nearest codes", positions: 7, codes: 5, depth: 3),
    quantization("nearest codes, one code", positions: 3, codes: 1, depth: 2),
    quantization("nearest codes, whole vectors", positions: 19, codes: 9, depth: 16),
    quantization("nearest codes, deep", positions: 9, codes: 37, depth: 150),
    quantization("nearest codes, tiles of vectors", positions: 70, codes: 130, depth: 64),
    OpCase("nearest codes, ties", [[6, 3], [2, 3], [4, 2]], differentiable: [2]) {
      let twice = $0[1].reshaped([1, 2, 3]).broadcast(to: [2, 2, 3]).reshaped([4, 3])
      return $0[2].gathered($0[0].nearestCodes(in: twice))
    },
  ]

  /// Several tiles of positions and codes: for kernels.
  package static let largeQuantization: [OpCase] = [
    quantization("nearest codes, tiles", positions: 45, codes: 333, depth: 20),
    // Nearer to each other than products of such values can tell: 256 + 0 ... 255 / 1024.
    OpCase("nearest codes far from the origin", [[40, 16], [75, 16], [75, 4]], differentiable: []) {
      let (z, codes) = (256 + $0[0] / 1024, 256 + $0[1] / 1024)
      return $0[2].gathered(z.nearestCodes(in: codes))
    },
  ]

  private static func quantization(
    _ label: String, positions: Int, codes: Int, depth: Int
  ) -> OpCase {
    OpCase(label, [[positions, depth], [codes, depth], [codes, 4]], differentiable: [2]) {
      $0[2].gathered($0[0].nearestCodes(in: $0[1]))
    }
  }
}
