import RealModule

/// A scalar the references compute with: `Float` on the CPU path, `Double` for the oracle.
public protocol HostScalar: Real, BinaryFloatingPoint, Sendable, ColumnSums {
  /// eˣ, in a form that loops over it can use vector instructions.
  static func vectorExponential(_ x: Self) -> Self

  /// The largest whole number not above this one, which must lie within `Int`.
  var floor: Int { get }
}

extension Double: HostScalar {
  public static func vectorExponential(_ x: Double) -> Double { exp(x) }

  public var floor: Int { Int(rounded(.down)) }
}

extension Float: HostScalar {
  public var floor: Int {
    // Without the processor's rounding modes, which not every one has, this is a function call.
    let whole = Int(self)
    return self < Float(whole) ? whole - 1 : whole
  }

  /// Within 2 units in the last place: eˣ = 2ⁿ·eʳ with n whole and |r| ≤ ln 2 / 2, and eʳ by the
  /// polynomial of Cephes' `expf` (Moshier, 1989). Below the normal numbers it is 0,
  /// from e⁸⁸ on infinite.
  @inline(__always)
  public static func vectorExponential(_ x: Float) -> Float {
    // Adding 1.5·2²³ rounds to a whole number, which then stands in the low bits of the sum.
    let shifter: Float = 12_582_912
    let shifted = x * 1.442_695_04 + shifter
    let n = shifted - shifter
    let r = x - n * 0.693_359_375 + n * 2.121_944_4e-4
    var p: Float = 1.987_569_1e-4
    p = p * r + 1.398_199_9e-3
    p = p * r + 8.333_452e-3
    p = p * r + 4.166_579_6e-2
    p = p * r + 0.166_666_65
    p = p * r + 0.5
    let fraction = p * r * r + r + 1
    let power = Float(bitPattern: (shifted.bitPattern &+ 127) &<< 23)
    let result = fraction * power
    return x < 88.02 ? (x > -87.33 ? result : 0) : (x == x ? .infinity : x)
  }
}
