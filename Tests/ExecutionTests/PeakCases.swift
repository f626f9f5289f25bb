import Benchmarking
import TensorGraph
import TestSupport

extension OpCase {
  static let peak: [OpCase] =
    [1, 4, 8, 16].map { width in
      OpCase("arithmetic in vectors of \(width)", [[2, 3, 16]], differentiable: []) {
        $0[0].graph.apply(PeakArithmetic(rounds: 5, width: width), [$0[0]])
      }
    }
    + [4, 8, 16].map { width in
      OpCase("copy in vectors of \(width)", [[37, 16]], differentiable: [], tolerance: 0) {
        $0[0].graph.apply(PeakCopy(width: width), [$0[0]])
      }
    }
}
