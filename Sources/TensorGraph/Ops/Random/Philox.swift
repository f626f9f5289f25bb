/// Philox-4x32-10: ten rounds that turn a counter of four words, under a key of two, into four
/// random words.
///
/// Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011). Having
/// no state, it draws the same on every device and in every order.
package struct Philox: Sendable {
  private let key: SIMD2<UInt32>

  package init(key: SIMD2<UInt32>) { self.key = key }

  /// The key is the seed, low word first.
  package init(seed: UInt64) {
    self.init(key: [UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)])
  }

  package func words(_ counter: SIMD4<UInt32>) -> SIMD4<UInt32> {
    var (counter, key) = (counter, key)
    for _ in 0..<10 {
      let first = counter.x.multipliedFullWidth(by: 0xD251_1F53)
      let second = counter.z.multipliedFullWidth(by: 0xCD9E_8D57)
      counter = [
        second.high ^ counter.y ^ key.x, second.low, first.high ^ counter.w ^ key.y, first.low,
      ]
      key &+= [0x9E37_79B9, 0xBB67_AE85]
    }
    return counter
  }

  /// A number in 0..<1, of 53 bits, of the first two words of ``words(_:)``.
  package func unit(_ counter: SIMD4<UInt32>) -> Double {
    let words = words(counter)
    return Double((UInt64(words.x) << 32 | UInt64(words.y)) >> 11) * 0x1p-53
  }
}
