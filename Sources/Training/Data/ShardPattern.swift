import Foundation

/// Names of tars out of one text: `shards-{000..011}.tar`, `part-*.tar`, `a.tar`.
enum ShardPattern {
  private static let limit = 100_000

  /// Files in the order of the ranges; those that a `*`, `?` or `[…]` finds are sorted.
  ///
  /// A file that has the text for its name is taken as it is.
  ///
  /// - Throws: `TrainingDataError.notFound`.
  static func files(_ text: String) throws -> [String] {
    if FileManager.default.fileExists(atPath: text) { return [text] }
    func failure(_ reason: String) -> TrainingDataError { .notFound(text, reason: reason) }
    var names = [text]
    while let open = names[0].firstIndex(of: "{") {
      guard let close = names[0][open...].firstIndex(of: "}") else {
        throw failure("a { has no }")
      }
      guard let range = range(names[0][names[0].index(after: open)..<close]) else {
        throw failure("between { and } a range such as 000..011 is expected, the smaller end first")
      }
      guard names.count <= limit / range.numbers.count else {
        throw failure("it stands for more than \(limit) files")
      }
      // Every name has its next range at the first brace.
      names = names.flatMap { name in
        let start = name.firstIndex(of: "{")!
        let end = name.index(after: name[start...].firstIndex(of: "}")!)
        return range.numbers.map { number in
          let digits = String(number)
          let zeros = String(repeating: "0", count: max(0, range.width - digits.count))
          return name[..<start] + zeros + digits + name[end...]
        }
      }
    }
    let files = names.flatMap { name in
      name.contains { "*?[".contains($0) } ? found(by: name) : [name]
    }
    guard !files.isEmpty else { throw failure("no file has such a name") }
    let missing = files.filter { !FileManager.default.fileExists(atPath: $0) }
    if let first = missing.first {
      throw failure(
        files.count == 1
          ? "no such file or folder; check the path"
          : "\(missing.count) of the \(files.count) files are not there, the first is \(first)")
    }
    return files
  }

  private static func range(_ text: Substring) -> (numbers: ClosedRange<Int>, width: Int)? {
    guard let dots = text.range(of: "..") else { return nil }
    let (low, high) = (text[..<dots.lowerBound], text[dots.upperBound...])
    let isNumber = { (digits: Substring) in
      (1...9).contains(digits.count) && digits.utf8.allSatisfy { 48...57 ~= $0 }
    }
    guard isNumber(low), isNumber(high), let first = Int(low), let last = Int(high), first <= last
    else { return nil }
    return (first...last, low.count)
  }

  private static func found(by pattern: String) -> [String] {
    var result = glob_t()
    defer { globfree(&result) }
    guard glob(pattern, GLOB_NOSORT, nil, &result) == 0 else { return [] }
    return (0..<Int(result.gl_pathc))
      .compactMap { result.gl_pathv[$0].map { String(cString: $0) } }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
