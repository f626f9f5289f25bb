import ArgumentParser

/// A number of bytes as the command line gives it: `8GB`, `6.5GiB`, `800MB`.
package struct MemorySize: Equatable, CustomStringConvertible {
  package let bytes: Int

  /// GB and MB are powers of a thousand, GiB and MiB of 1024; case does not matter.
  /// - Throws: `ValidationError` unless `text` is a number above 0 and one of them.
  package init(parsing text: String) throws {
    let units = ["gib": 1 << 30, "mib": 1 << 20, "gb": 1_000_000_000, "mb": 1_000_000]
    let text = text.lowercased().filter { $0 != " " }
    guard let unit = units.first(where: { text.hasSuffix($0.key) }),
      let number = Double(text.dropLast(unit.key.count)), number > 0,
      number * Double(unit.value) < 0x1p62
    else { throw ValidationError("give a number and a unit, as 8GB, 6.5GiB or 800MB") }
    bytes = Int(number * Double(unit.value))
  }

  /// Text that is read as this number of bytes.
  package var description: String {
    for (unit, name) in [(1_000_000_000, "GB"), (1_000_000, "MB"), (1 << 20, "MiB")]
    where bytes % unit == 0 {
      return "\(bytes / unit)\(name)"
    }
    return "\(Double(bytes) / 1e6)MB"
  }
}
