import Foundation

/// Measured quantities as people read them, three figures each.
package enum Quantity {
  package static func seconds(_ seconds: Double) -> String {
    switch seconds {
    case 1...: "\(figures(seconds)) s"
    case 1e-3...: "\(figures(seconds * 1e3)) ms"
    default: "\(figures(seconds * 1e6)) µs"
    }
  }

  package static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

  /// `value` with three figures, but never fewer than those before the point.
  package static func figures(_ value: Double) -> String {
    guard value.isFinite else { return "—" }
    let decimals = value >= 100 ? 0 : value >= 10 ? 1 : 2
    return String(format: "%.\(decimals)f", value)
  }
}
