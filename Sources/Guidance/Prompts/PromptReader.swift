/// Reads prompts as the command line and files of prompts have them. docs/prompts.md has the grammar:
/// choices and wildcards are expanded first, then the text is split at `|`, then the numbers at each
/// prompt's end are taken off.
public struct PromptReader {
  /// Texts that may be meant otherwise than they are read, one line each.
  public private(set) var warnings: [String] = []
  /// True once a text had a choice or a wildcard.
  public var hasExpanded: Bool { expander.hasExpanded }
  /// Files of wildcards that were read.
  public var files: [String] { expander.files.sorted() }
  private var expander: PromptExpander

  /// Largest weight of a prompt that is written as text, beyond which a number is hardly meant as one.
  private static let maxWeight: Float = 10

  /// Longest text in bytes; no perceptor reads as much.
  private static let maxLength = 100_000

  /// - Parameter seed: of the draws of choices and wildcards.
  public init(seed: UInt64 = 0, wildcards: Wildcards = .standard) {
    expander = PromptExpander(seed: seed, wildcards: wildcards)
  }

  /// The prompts of one text.
  /// - Throws: ``GuidanceError`` with the text and the reason.
  public mutating func prompts(in text: String) throws(GuidanceError) -> [Prompt] {
    guard text.utf8.count <= Self.maxLength else {
      throw .prompt("a prompt of \(text.utf8.count) bytes is longer than \(Self.maxLength): shorten it")
    }
    let symbols = try expander.expand(PromptSymbol.all(in: text))
    guard !symbols.contains(where: { $0.is("^") }) else {
      throw .prompt(
        "'\(symbols.shown)': scenes, which '^' separates, are not painted yet; for the character "
          + "itself write '\\^'")
    }
    var prompts: [Prompt] = []
    for part in symbols.split(separator: PromptSymbol(scalar: "|"), omittingEmptySubsequences: false) {
      prompts.append(try prompt(Array(part)))
    }
    return prompts
  }

  private mutating func prompt(_ symbols: [PromptSymbol]) throws(GuidanceError) -> Prompt {
    guard let (text, tail, number) = try split(symbols) else { return try Prompt(symbols.text) }
    if let (shorter, _, weight) = try split(text, warns: false) {
      throw .prompt(
        "'\(symbols.shown)': the second number is a stop, which is not painted yet: write "
          + "'\(shorter.text):\(PromptNumber.text(of: weight))', or '\(escaped(text, tail))' where "
          + "the numbers are part of the text")
    }
    guard abs(number) <= Self.maxWeight else {
      throw .prompt(
        "'\(symbols.shown)': the weight is \(tail.text), but weights are from -10 to 10; where it is "
          + "part of the text write '\(escaped(text, tail))'")
    }
    let isTight = text.last?.scalar.properties.numericType != nil
      && tail.allSatisfy { $0.scalar.properties.numericType != nil }
    if isTight {
      warnings.append(
        "'\(symbols.shown)' is read as '\(text.text)' with weight \(tail.text); where the number is "
          + "part of the text write '\(escaped(text, tail))'")
    }
    return try Prompt(text.text, weight: number)
  }

  /// Text, the symbols after its last colon, and their number; nil where they are none.
  private mutating func split(
    _ symbols: [PromptSymbol], warns: Bool = true
  ) throws(GuidanceError) -> (text: [PromptSymbol], tail: [PromptSymbol], number: Float)? {
    guard let colon = symbols.lastIndex(where: \.isColon) else { return nil }
    let (text, tail) = (Array(symbols[..<colon]), Array(symbols[(colon + 1)...]))
    guard !tail.contains(where: \.isEscaped) else { return nil }
    switch PromptNumber(tail.map(\.scalar)) {
    case .number(let number): return (text, tail, number)
    case .text: return nil
    case .wordLike:
      if warns {
        warnings.append("'\(symbols.shown)' is painted as it is: '\(tail.text)' is no weight")
      }
      return nil
    case .unreadable:
      guard warns else { return nil }
      throw .prompt(
        "'\(symbols.shown)': '\(tail.text)' is no weight, such as 0.5 or -1; where it is part of the "
          + "text write '\(escaped(text, tail))'")
    }
  }

  /// The two parts joined by a colon that is text.
  private func escaped(_ text: [PromptSymbol], _ tail: [PromptSymbol]) -> String {
    PromptSymbol.escaped(text.text + ":" + tail.text)
  }
}
