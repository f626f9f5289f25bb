/// The Fowler–Noll–Vo hash, variant 1a: the same in every process, unlike Swift's `Hasher`. It
/// guards against accidents, not against forgery.
package enum FNV1a {
  package static func hash32(_ text: String) -> UInt32 {
    text.utf8.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
  }

  package static func hash64(_ text: String) -> UInt64 {
    text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  package static func hash128(_ bytes: UnsafeRawBufferPointer) -> UInt128 {
    let prime: UInt128 = 1 << 88 | 0x13B
    var hash: UInt128 = 0x6C62_272E_07BB_0142_62B8_2175_6295_C58D
    for byte in bytes { hash = (hash ^ UInt128(byte)) &* prime }
    return hash
  }

  package static func hash128(_ text: String) -> UInt128 {
    var text = text
    return text.withUTF8 { hash128(UnsafeRawBufferPointer($0)) }
  }
}

extension FixedWidthInteger where Self: UnsignedInteger {
  /// All digits in lower case, leading zeros included.
  package var hexadecimal: String {
    let digits = String(self, radix: 16)
    return String(repeating: "0", count: Self.bitWidth / 4 - digits.count) + digits
  }
}
