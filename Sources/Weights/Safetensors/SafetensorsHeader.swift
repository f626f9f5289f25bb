/// A scanner for the JSON of a safetensors header, strict where the format is strict.
///
/// It exists because a general JSON decoder keeps one of two equal keys without a word and takes
/// numbers through floating point; here a duplicate is damage and an offset is an exact integer.
struct SafetensorsHeader {
  struct Entry {
    var scalar: String?
    var shape: [Int]?
    var span: [Int]?
  }

  private(set) var entries: [(name: String, entry: Entry)] = []
  private(set) var metadata: [String: String] = [:]

  private let text: SourceSlice
  private var position: Int
  private let end: Int

  init(_ text: SourceSlice) throws(WeightError) {
    self.text = text
    position = text.range.lowerBound
    end = text.range.upperBound
    try parse()
  }

  private mutating func parse() throws(WeightError) {
    var hasMetadata = false
    try object { (scanner, name) throws(WeightError) in
      if name == "__metadata__" {
        guard !hasMetadata else { throw scanner.damage("a second __metadata__") }
        hasMetadata = true
        try scanner.parseMetadata()
      } else {
        scanner.entries.append((name, try scanner.parseEntry(of: name)))
      }
    }
    skipSpace()
    guard position == end else { throw damage("text after the header's closing brace") }
  }

  private mutating func parseMetadata() throws(WeightError) {
    try object { (scanner, key) throws(WeightError) in
      guard scanner.metadata.updateValue(try scanner.string(), forKey: key) == nil else {
        throw scanner.damage("metadata has the key \(key) twice")
      }
    }
  }

  private mutating func parseEntry(of name: String) throws(WeightError) -> Entry {
    var entry = Entry()
    try object { (scanner, key) throws(WeightError) in
      let isRepeated =
        switch key {
        case "dtype": entry.scalar != nil
        case "shape": entry.shape != nil
        case "data_offsets": entry.span != nil
        default: throw scanner.damage("\(name) has the unknown field \(key)")
        }
      guard !isRepeated else { throw scanner.damage("\(name) has \(key) twice") }
      switch key {
      case "dtype": entry.scalar = try scanner.string()
      case "shape": entry.shape = try scanner.integers()
      default: entry.span = try scanner.integers()
      }
    }
    return entry
  }

  private mutating func object(
    member: (inout SafetensorsHeader, String) throws(WeightError) -> Void
  ) throws(WeightError) {
    try expect("{")
    if accept("}") { return }
    repeat {
      let key = try string()
      try expect(":")
      try member(&self, key)
    } while accept(",")
    try expect("}")
  }

  private mutating func integers() throws(WeightError) -> [Int] {
    var values: [Int] = []
    try expect("[")
    if accept("]") { return values }
    repeat {
      guard values.count < 64 else { throw damage("more than 64 numbers in a row") }
      values.append(try integer())
    } while accept(",")
    try expect("]")
    return values
  }

  private mutating func integer() throws(WeightError) -> Int {
    skipSpace()
    let start = position
    while let digit = byte, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) {
      position += 1
    }
    guard let digits = text.text(in: start..<position), let value = Int(digits) else {
      throw damage("expected a whole number from 0 to 2⁶³ - 1")
    }
    return value
  }

  private mutating func string() throws(WeightError) -> String {
    try expect("\"")
    var utf8: [UInt8] = []
    while let next = byte, next != UInt8(ascii: "\"") {
      guard next >= 0x20 else { throw damage("a control character inside a string") }
      position += 1
      if next == UInt8(ascii: "\\") {
        utf8 += try escape().utf8
      } else {
        utf8.append(next)
      }
    }
    try expect("\"", skippingSpace: false)
    guard let text = String(validating: utf8, as: UTF8.self) else {
      throw damage("a string that is not UTF-8")
    }
    return text
  }

  /// What follows a backslash: one letter, or `u` and four digits, twice for a surrogate pair.
  private mutating func escape() throws(WeightError) -> String {
    guard let letter = byte else { throw damage("the header ends inside a string") }
    position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
      return String(UnicodeScalar(letter))
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      var units = [try hexadecimalUnit()]
      if UTF16.isLeadSurrogate(units[0]) {
        try expect("\\", skippingSpace: false)
        try expect("u", skippingSpace: false)
        units.append(try hexadecimalUnit())
      }
      if let text = String(validating: units, as: UTF16.self) { return text }
    default: break
    }
    throw damage("an invalid escape in a string")
  }

  private mutating func hexadecimalUnit() throws(WeightError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let digit = byte.flatMap({ Character(UnicodeScalar($0)).hexDigitValue }) else {
        throw damage("an invalid escape in a string")
      }
      unit = unit << 4 | UInt16(digit)
      position += 1
    }
    return unit
  }

  private var byte: UInt8? { position < end ? text[position] : nil }

  private mutating func skipSpace() {
    while let next = byte, [0x20, 0x09, 0x0a, 0x0d].contains(next) { position += 1 }
  }

  private mutating func accept(_ character: UnicodeScalar) -> Bool {
    skipSpace()
    guard byte == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func expect(
    _ character: UnicodeScalar, skippingSpace: Bool = true
  ) throws(WeightError) {
    if skippingSpace { skipSpace() }
    guard byte == UInt8(ascii: character) else { throw damage("the header lacks a '\(character)'") }
    position += 1
  }

  private func damage(_ what: String) -> WeightError { text.damage(at: position, what) }
}
