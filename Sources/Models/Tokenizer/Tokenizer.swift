/// CLIP's tokenizer: cleaned, lower-case text, cut into words, each word's bytes merged pair by
/// pair in the order of a merges file (Sennrich et al. 2016, arXiv:1508.07909; byte symbols as in
/// GPT-2).
///
/// The vocabulary is numbered like the original's: 256 bytes, the same ending a word, one entry a
/// merge, the start and the end token. Prompts thus meet the rows of the checkpoint's embedding.
package struct Tokenizer: Sendable {
  /// Entries of the vocabulary, the checkpoint's embedding having as many rows.
  package let vocabularyCount: Int
  /// First token of every sequence.
  package var startToken: Int { vocabularyCount - 2 }
  /// Last token of every sequence before the padding, and the largest: CLIP finds it by that.
  package var endToken: Int { vocabularyCount - 1 }

  /// Rank of each pair that merges, keyed by `key`; lower ranks merge first.
  private let ranks: [UInt64: Int32]
  /// Token that the merge of each rank makes.
  private let merged: [Int32]
  /// Token of each byte; 256 more for the byte that ends a word.
  private let byteTokens: [Int32]

  /// CLIP's vocabulary uses this many merges of the 262,144 in its file.
  private static let mergeLimit = 49_152 - 256 - 2
  private static let noMerge = Int32.max

  /// Reads the text of a merges file: a version line, then a pair of symbols a line; what follows
  /// the first 48,894 pairs is not used, as in the original.
  ///
  /// - Parameter name: What errors call the text.
  /// - Throws: `TokenizerError.malformed` if a line is not a pair of symbols.
  package init(merges text: String, name: String = "merges") throws(TokenizerError) {
    let lines = text.utf8.split(
      separator: UInt8(ascii: "\n"), maxSplits: Self.mergeLimit + 1,
      omittingEmptySubsequences: false)
    guard lines.count > 1, String(lines[0])?.contains("#version") == true else {
      throw .malformed(path: name, line: 1, reason: "expected a line with “#version”")
    }

    // The original numbers what lies between line breaks, so a file's final line break makes one
    // more entry, empty, that checkpoints count as well.
    var pairs: [(String, String)?] = []
    for (index, line) in lines.dropFirst().prefix(Self.mergeLimit).enumerated() {
      let symbols = Substring(line).unicodeScalars.split { $0.properties.isWhitespace }
      switch symbols.count {
      case 2: pairs.append((String(symbols[0]), String(symbols[1])))
      case 0 where index == lines.count - 2: pairs.append(nil)
      default:
        throw .malformed(
          path: name, line: index + 2, reason: "expected two symbols, found \(symbols.count)")
      }
    }

    let symbols = Self.byteSymbols.map { String($0.symbol) }
    var tokens: [String: Int32] = [:]
    tokens.reserveCapacity(512 + pairs.count)
    for (token, symbol) in symbols.enumerated() {
      tokens[symbol] = Int32(token)
      tokens[symbol + "</w>"] = Int32(token + 256)
    }
    for (rank, pair) in pairs.enumerated() {
      if let pair { tokens[pair.0 + pair.1] = Int32(512 + rank) }
    }
    var ranks: [UInt64: Int32] = [:]
    ranks.reserveCapacity(pairs.count)
    var merged = [Int32](repeating: 0, count: pairs.count)
    for (rank, pair) in pairs.enumerated() {
      guard let pair else { continue }
      guard let left = tokens[pair.0], let right = tokens[pair.1] else {
        let unknown = tokens[pair.0] == nil ? pair.0 : pair.1
        throw .malformed(
          path: name, line: rank + 2,
          reason: "“\(unknown)” is no byte symbol and no merge makes it")
      }
      ranks[Self.key(left, right)] = Int32(rank)
      merged[rank] = tokens[pair.0 + pair.1]!
    }
    var byteTokens = [Int32](repeating: 0, count: 256)
    for (token, entry) in Self.byteSymbols.enumerated() {
      byteTokens[Int(entry.byte)] = Int32(token)
    }
    self.ranks = ranks
    self.merged = merged
    self.byteTokens = byteTokens
    vocabularyCount = 512 + pairs.count + 2
  }

  /// Tokens of a text, without start and end.
  ///
  /// - Complexity: for a word of n bytes O(n · m), m being the number of different merges in it.
  package func encode(_ text: String) -> [Int] {
    var known: [[UInt8]: [Int32]] = [:]
    var result: [Int] = []
    for word in WordSplitter.words(in: TextCleaning.clean(text)) {
      let bytes = Array(word.utf8)
      let tokens = known[bytes] ?? tokens(of: word)
      known[bytes] = tokens
      result += tokens.map(Int.init)
    }
    return result
  }

  /// Tokens of a text as the text encoder takes them: start, text, end, zeros up to the length.
  ///
  /// - Parameters:
  ///   - contextLength: Tokens that the perceptor reads; 77 for OpenAI's.
  ///   - truncating: Leaves out what does not fit, the end token standing last, as the original's
  ///     `truncate` does.
  /// - Throws: `TokenizerError.tooLong` if they do not fit; nothing is cut off silently.
  package func tokens(
    for text: String, contextLength: Int, truncating: Bool = false
  ) throws(TokenizerError) -> [Int32] {
    var tokens = [startToken] + encode(text) + [endToken]
    if tokens.count > contextLength {
      guard truncating else {
        throw .tooLong(text: text, tokenCount: tokens.count, limit: contextLength)
      }
      tokens = tokens.prefix(contextLength - 1) + [endToken]
    }
    return tokens.map(Int32.init) + Array(repeating: 0, count: contextLength - tokens.count)
  }

  private func tokens(of word: String) -> [Int32] {
    switch word {
    case WordSplitter.startOfText: return [Int32(startToken)]
    case WordSplitter.endOfText: return [Int32(endToken)]
    default:
      var tokens = word.utf8.map { byteTokens[Int($0)] }
      tokens[tokens.count - 1] += 256
      merge(&tokens)
      return tokens
    }
  }

  /// Merges the pair of lowest rank wherever it stands, left to right, until no pair has a rank.
  private func merge(_ tokens: inout [Int32]) {
    // pairRanks[i] belongs to tokens i and i + 1; only pairs beside a merge are looked up again.
    let stale: Int32 = -1
    var pairRanks = zip(tokens, tokens.dropFirst()).map { rank($0, $1) }
    while let lowest = pairRanks.min(), lowest != Self.noMerge {
      pairRanks.append(Self.noMerge)  // For the last token, which starts no pair.
      var (read, write) = (0, 0)
      while read < tokens.count {
        if pairRanks[read] == lowest {
          tokens[write] = merged[Int(lowest)]
          pairRanks[write] = stale
          if write > 0 { pairRanks[write - 1] = stale }
          read += 2
        } else {
          tokens[write] = tokens[read]
          pairRanks[write] = pairRanks[read]
          read += 1
        }
        write += 1
      }
      tokens.removeLast(tokens.count - write)
      pairRanks.removeLast(pairRanks.count - (write - 1))
      for index in pairRanks.indices where pairRanks[index] == stale {
        pairRanks[index] = rank(tokens[index], tokens[index + 1])
      }
    }
  }

  private func rank(_ left: Int32, _ right: Int32) -> Int32 {
    ranks[Self.key(left, right)] ?? Self.noMerge
  }

  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  /// The character that stands for a byte in a merges file.
  static func symbol(of byte: UInt8) -> String { symbols[Int(byte)] }

  private static let symbols: [String] = byteSymbols.sorted { $0.byte < $1.byte }
    .map { String($0.symbol) }

  /// The bytes in the order of their tokens, with the character that stands for each in a merges
  /// file: itself where it is visible in Latin-1, else one from U+0100 on.
  private static let byteSymbols: [(byte: UInt8, symbol: Unicode.Scalar)] = {
    let visible: [ClosedRange<UInt8>] = [0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF]
    let others = (UInt8.min...UInt8.max).filter { byte in !visible.contains { $0 ~= byte } }
    return visible.flatMap { $0.map { ($0, Unicode.Scalar($0)) } }
      + others.enumerated().map { ($1, Unicode.Scalar(UInt32(0x100 + $0))!) }
  }()
}
