import Foundation

/// A prompt with choices and wildcards, taken apart: `a {red|{dark|light} blue} __animal__`.
struct PromptTemplate {
  indirect enum Node {
    case symbol(PromptSymbol)
    case choice(Choice)
    /// A line of the file of this name.
    case wildcard(String)
  }

  /// `{2$$ and $$a|0.5::b|c}`
  struct Choice {
    struct Option {
      /// Relative frequency.
      var weight = 1.0
      var nodes: [Node] = []
    }

    /// Number of options to take, as far as there are; nil for one without a count.
    var counts: ClosedRange<Int>?
    /// Text between the options taken.
    var separator = PromptSymbol.all(in: ", ")
    var options: [Option] = []
  }

  /// Choices within choices that are read.
  private static let maxDepth = 50

  let nodes: [Node]

  /// - Throws: ``GuidanceError`` for braces that are not in pairs and counts that are none.
  init(_ symbols: [PromptSymbol]) throws(GuidanceError) {
    var parser = Parser(symbols: symbols)
    nodes = try parser.nodes(depth: 0)
  }

  private struct Parser {
    let symbols: [PromptSymbol]
    var position = 0

    private var isAtEnd: Bool { position == symbols.count }

    private func isHere(_ text: String, at place: Int? = nil) -> Bool {
      let place = place ?? position
      let scalars = Array(text.unicodeScalars)
      return place + scalars.count <= symbols.count
        && scalars.indices.allSatisfy { symbols[place + $0].is(scalars[$0]) }
    }

    private func failure(_ reason: String) -> GuidanceError {
      .prompt("'\(symbols.shown)': \(reason)")
    }

    /// Reads up to the end, or to the `|` or `}` that ends an option.
    mutating func nodes(depth: Int) throws(GuidanceError) -> [Node] {
      var nodes: [Node] = []
      while !isAtEnd {
        if isHere("${") {
          throw failure("variables (${…}) are not read; for the text itself write '$\\{'")
        } else if isHere("{") {
          nodes.append(.choice(try choice(depth: depth + 1)))
        } else if depth > 0, isHere("|") || isHere("}") {
          return nodes
        } else if isHere("}") {
          throw failure("a '}' closes nothing; for the brace itself write '\\}'")
        } else if let name = wildcardName() {
          nodes.append(.wildcard(name))
        } else {
          nodes.append(.symbol(symbols[position]))
          position += 1
        }
      }
      return nodes
    }

    /// The name between two pairs of underscores, and the position moved behind them; nil for
    /// underscores that hold no name.
    private mutating func wildcardName() -> String? {
      guard isHere("__") else { return nil }
      var end = position + 2
      while end < symbols.count, !isHere("__", at: end) {
        let symbol = symbols[end]
        if symbol.isWhitespace || symbol.isColon || "{}|^".unicodeScalars.contains(symbol.scalar) {
          return nil
        }
        end += 1
      }
      guard end < symbols.count, end > position + 2 else { return nil }
      let name = symbols[(position + 2)..<end].text
      position = end + 2
      return name
    }

    private mutating func choice(depth: Int) throws(GuidanceError) -> Choice {
      guard depth <= PromptTemplate.maxDepth else {
        throw failure("more than \(PromptTemplate.maxDepth) braces within braces are not read")
      }
      position += 1
      var choice = Choice()
      if let count = head() {
        guard let counts = Self.counts(count.text) else {
          throw failure("'\(count.text)$$' is no count, such as '2$$' or '1-3$$'")
        }
        choice.counts = counts
        if let separator = head() { choice.separator = separator }
      }
      repeat {
        var option = Choice.Option(weight: optionWeight())
        option.nodes = try nodes(depth: depth)
        choice.options.append(option)
        guard !isAtEnd else {
          throw failure("a '{' is not closed; for the brace itself write '\\{'")
        }
        position += 1
      } while symbols[position - 1].is("|")
      return choice
    }

    /// The symbols up to `$$`, and the position moved behind it; nil where none precedes an option's
    /// end.
    private mutating func head() -> [PromptSymbol]? {
      var end = position
      while end < symbols.count, !["{", "}", "|"].contains(where: symbols[end].is) {
        if isHere("$$", at: end) {
          let head = Array(symbols[position..<end])
          position = end + 2
          return head
        }
        end += 1
      }
      return nil
    }

    /// Reads `2`, `1-3`, `-3` and `1-`.
    private static func counts(_ text: String) -> ClosedRange<Int>? {
      let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        .map { $0.trimmingCharacters(in: .whitespaces) }
      func count(_ text: String, missing: Int) -> Int? {
        text.isEmpty ? missing : UInt32(text).map { Int($0) }
      }
      switch parts.count {
      case 1: return UInt32(parts[0]).map { Int($0)...Int($0) }
      case 2 where parts != ["", ""]:
        guard let lower = count(parts[0], missing: 1), let upper = count(parts[1], missing: .max),
          lower <= upper
        else { return nil }
        return lower...upper
      default: return nil
      }
    }

    /// Reads `0.5::` before an option.
    private mutating func optionWeight() -> Double {
      var end = position
      while end < symbols.count, !symbols[end].isEscaped,
        "0123456789. ".unicodeScalars.contains(symbols[end].scalar)
      {
        end += 1
      }
      guard end > position, isHere("::", at: end), let weight = Double(symbols[position..<end].text)
      else { return 1 }
      position = end + 2
      return weight
    }
  }
}
