import TensorGraph

/// Random numbers of one visit to a picture, the same whoever draws them and whenever.
///
/// Philox keyed by the seed; its counter is the visit (two words), the number of the draw, and a
/// purpose. Purposes here are above those of ops in a graph, whose last counter word is 0.
struct VisitRandom {
  enum Purpose: UInt32 {
    case order = 1
    case crop, caption, split, noise, pairs
  }

  private let philox: Philox
  private let visit: UInt64
  private let purpose: Purpose
  private var draw: UInt32 = 0

  init(seed: UInt64, visit: UInt64, purpose: Purpose) {
    philox = Philox(seed: seed)
    (self.visit, self.purpose) = (visit, purpose)
  }

  private mutating func counter() -> SIMD4<UInt32> {
    defer { draw &+= 1 }
    return [
      UInt32(truncatingIfNeeded: visit), UInt32(truncatingIfNeeded: visit >> 32), draw,
      purpose.rawValue,
    ]
  }

  /// A number in 0..<1, of 53 bits.
  mutating func unit() -> Double { philox.unit(counter()) }

  /// A number in 0..<count, by the high word of a 64-bit product; the bias is below count · 2⁻⁶⁴.
  mutating func index(below count: Int) -> Int {
    let words = philox.words(counter())
    let word = UInt64(words.x) << 32 | UInt64(words.y)
    return Int(word.multipliedFullWidth(by: UInt64(count)).high)
  }
}

/// Order of the pictures in each epoch.
enum EpochOrder {
  /// A permutation of 0..<count that depends on (seed, epoch) alone: Fisher and Yates' shuffle.
  static func permutation(
    count: Int, seed: UInt64, epoch: Int, purpose: VisitRandom.Purpose = .order
  ) -> [Int32] {
    var order = [Int32](0..<Int32(count))
    var random = VisitRandom(seed: seed, visit: UInt64(epoch), purpose: purpose)
    for last in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(last, random.index(below: last + 1))
    }
    return order
  }
}
