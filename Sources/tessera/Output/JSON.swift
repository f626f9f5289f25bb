import Foundation

/// Values for other programs to read, keys in alphabetical order.
enum JSON {
  static func text(
    _ value: some Encodable, formatting: JSONEncoder.OutputFormatting = []
  ) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = formatting.union([.sortedKeys, .withoutEscapingSlashes])
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// Writes a result to standard output.
  static func print(_ value: some Encodable) throws { Swift.print(try text(value)) }
}
