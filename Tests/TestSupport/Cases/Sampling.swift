import TensorGraph

extension OpCase {
  /// Grids reach beyond the image, some far enough to reflect twice. Random points miss the pixel
  /// centres and edges, where the gradient jumps.
  package static let sampling: [OpCase] = {
    let beyond = [-1...1, -2.6...2.6]
    var cases: [OpCase] = []
    for padding in [SamplePadding.zeros, .border, .reflection] {
      for alignCorners in [false, true] {
        let rule = "\(padding), \(alignCorners ? "corners" : "centers")"
        cases.append(
          OpCase("sample, \(rule)", [[2, 5, 7, 3], [2, 4, 4, 2]], in: beyond) {
            $0[0].sampled(at: $0[1], padding: padding, alignCorners: alignCorners)
          })
      }
    }
    return cases + [
      OpCase("sample, shared image", [[1, 5, 4, 3], [3, 3, 3, 2]], in: beyond) {
        $0[0].sampled(at: $0[1], padding: .reflection)
      },
      OpCase("sample, one pixel", [[2, 1, 1, 2], [2, 2, 3, 2]], in: beyond) {
        $0[0].sampled(at: $0[1], padding: .reflection, alignCorners: true)
      },
      OpCase("sample, one pixel of a picture", [[2, 1, 1, 3], [2, 2, 3, 2]], in: beyond) {
        $0[0].sampled(at: $0[1], padding: .reflection, alignCorners: true)
      },
      OpCase("sample, runs that images end", [[2, 6, 9, 3], [2, 15, 11, 2]], in: beyond) {
        $0[0].sampled(at: $0[1])
      },
      OpCase("sample, many to a pixel", [[1, 2, 3, 1], [4, 15, 11, 2]], in: [-1...1, 0...9],
        differentiable: [0]
      ) { $0[0].sampled(at: $0[1], padding: .border) },
      OpCase("affine grid", [[2, 2, 3]]) { $0[0].transformationGrid(height: 3, width: 4) },
      OpCase("affine grid, corners", [[2, 2, 3]]) {
        $0[0].transformationGrid(height: 1, width: 4, alignCorners: true)
      },
      OpCase("projective grid", [[2, 2, 3], [2, 1, 3]], in: [-1...1, -0.2...0.2]) {
        let bottom = $0[1] + $0[0].graph.literal([0, 0, 1], [3])
        return $0[0].concatenated(with: bottom, axis: 1).transformationGrid(height: 4, width: 3)
      },
    ]
  }()
}
