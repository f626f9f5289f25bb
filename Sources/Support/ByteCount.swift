import Foundation

/// Sizes for people, in powers of ten.
package enum ByteCount {
  /// `692 B`, `1.4 MB`, `1.35 GB`.
  package static func text(_ bytes: Int) -> String {
    let value = Double(bytes)
    if bytes < 1000 { return "\(bytes) B" }
    if bytes < 1_000_000 { return String(format: "%.1f kB", value / 1e3) }
    if bytes < 1_000_000_000 { return String(format: "%.1f MB", value / 1e6) }
    return String(format: "%.2f GB", value / 1e9)
  }
}
