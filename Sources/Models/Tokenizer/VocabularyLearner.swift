/// Learns the merges of a byte-pair vocabulary from captions (Sennrich et al. 2016,
/// arXiv:1508.07909): again and again the pair of neighbouring symbols that is most frequent in all
/// words becomes one symbol.
///
/// Captions are cleaned and cut into words as ``Tokenizer`` does it, so that what is learned is what
/// it will merge. The result depends on the captions alone, not on their order: of equally frequent
/// pairs the one whose text comes first in the order of its bytes is taken.
package struct VocabularyLearner {
  /// Times that each word was seen.
  private var counts: [String: Int] = [:]
  /// Words seen, repetitions included.
  package private(set) var wordCount = 0

  package init() {}

  /// Counts the words of a caption.
  package mutating func add(_ caption: String) {
    for word in WordSplitter.words(in: TextCleaning.clean(caption)) {
      guard word != WordSplitter.startOfText, word != WordSplitter.endOfText else { continue }
      counts[word, default: 0] += 1
      wordCount += 1
    }
  }

  /// Learns merges until the vocabulary is as large as wanted, or no pair occurs twice.
  ///
  /// - Parameter size: Tokens wanted, from ``Vocabulary/minSize`` to ``Vocabulary/maxSize``: the
  ///   rows of the perceptor's token embedding.
  /// - Complexity: O(w + m log m + c) for w bytes of different words, m pairs and c changes of
  ///   a pair's count.
  package func learn(size: Int) -> LearnedVocabulary {
    precondition(
      (Vocabulary.minSize...Vocabulary.maxSize).contains(size),
      "VocabularyLearner: \(size) tokens")
    var merging = PairMerging(counts: counts)
    var pairs: [LearnedVocabulary.Pair] = []
    while pairs.count < size - Vocabulary.minSize, let pair = merging.mergeMostFrequent() {
      pairs.append(pair)
    }
    return LearnedVocabulary(pairs: pairs)
  }
}

extension Vocabulary {
  /// Tokens of a vocabulary without a merge: bytes, bytes that end a word, one for the line break
  /// that ends the file, start and end.
  package static let minSize = 2 * 256 + 1 + 2
  /// Tokens of CLIP's own vocabulary; merges of a file beyond it are not read.
  package static let maxSize = 49_408
}

/// Words as symbols, and where each pair of neighbouring symbols occurs.
private struct PairMerging {
  private struct Pair {
    let left, right: Int32
    /// Occurrences in all captions.
    var count = 0
    /// Words that have it; some of them no longer, some twice.
    var words: [Int32] = []
  }

  /// A pair with its count at the time; the pair's own may be lower or higher by now.
  private struct Candidate {
    let count: Int
    let pair: Int
  }

  private var texts: [[UInt8]] = []
  private var symbols: [[UInt8]: Int32] = [:]
  private var words: [[Int32]] = []
  private var frequencies: [Int] = []
  private var pairs: [Pair] = []
  private var pairIndices: [UInt64: Int] = [:]
  /// Heap, the most frequent first.
  private var heap: [Candidate] = []
  /// Last merge in which a word was changed, so that it is changed once a merge.
  private var visited: [Int32] = []
  private var merges: Int32 = 0
  private var changed: Set<Int> = []

  init(counts: [String: Int]) {
    let endOfWord = Array("</w>".utf8)
    let bytes = (0..<256).map { Array(Tokenizer.symbol(of: UInt8($0)).utf8) }
    for (word, count) in counts.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
      let last = word.utf8.count - 1
      words.append(
        word.utf8.enumerated().map { place, byte in
          symbol(bytes[Int(byte)] + (place == last ? endOfWord : []))
        })
      frequencies.append(count)
    }
    visited = [Int32](repeating: 0, count: words.count)
    for (index, word) in words.enumerated() { count(word, of: index, times: frequencies[index]) }
    for pair in changed { push(pair) }
    changed = []
  }

  /// Merges the most frequent pair everywhere.
  /// - Returns: nil if none occurs twice.
  mutating func mergeMostFrequent() -> LearnedVocabulary.Pair? {
    while let top = pop() {
      let pair = pairs[top.pair]
      if pair.count != top.count {
        // It has a later entry if it grew; if it shrank, this one is corrected.
        if pair.count < top.count, pair.count > 1 { push(top.pair) }
        continue
      }
      guard pair.count > 1 else { return nil }
      merge(top.pair)
      return LearnedVocabulary.Pair(
        String(decoding: texts[Int(pair.left)], as: UTF8.self),
        String(decoding: texts[Int(pair.right)], as: UTF8.self))
    }
    return nil
  }

  private mutating func merge(_ index: Int) {
    let pair = pairs[index]
    let merged = symbol(texts[Int(pair.left)] + texts[Int(pair.right)])
    merges += 1
    pairs[index].words = []
    for word in pair.words where visited[Int(word)] != merges {
      visited[Int(word)] = merges
      let old = words[Int(word)]
      var new: [Int32] = []
      new.reserveCapacity(old.count)
      var place = 0
      while place < old.count {
        if place + 1 < old.count, old[place] == pair.left, old[place + 1] == pair.right {
          new.append(merged)
          place += 2
        } else {
          new.append(old[place])
          place += 1
        }
      }
      guard new.count < old.count else { continue }
      let frequency = frequencies[Int(word)]
      for (left, right) in zip(old, old.dropFirst()) {
        let known = pairIndices[Self.key(left, right)]!
        pairs[known].count -= frequency
      }
      words[Int(word)] = new
      count(new, of: Int(word), times: frequency, ifWith: merged)
    }
    pairs[index].count = 0
    for pair in changed where pairs[pair].count > 1 { push(pair) }
    changed = []
  }

  /// Adds a word's pairs to the counts.
  ///
  /// - Parameter symbol: Pairs without it had the word before; nil if all are new.
  private mutating func count(
    _ word: [Int32], of index: Int, times frequency: Int, ifWith symbol: Int32? = nil
  ) {
    for (left, right) in zip(word, word.dropFirst()) {
      let key = Self.key(left, right)
      let pair: Int
      if let known = pairIndices[key] {
        pair = known
      } else {
        pair = pairs.count
        pairs.append(Pair(left: left, right: right))
        pairIndices[key] = pair
      }
      pairs[pair].count += frequency
      guard symbol == nil || left == symbol || right == symbol else { continue }
      pairs[pair].words.append(Int32(index))
      changed.insert(pair)
    }
  }

  private mutating func symbol(_ text: [UInt8]) -> Int32 {
    if let known = symbols[text] { return known }
    let new = Int32(texts.count)
    texts.append(text)
    symbols[text] = new
    return new
  }

  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  // MARK: The heap

  private func precedes(_ a: Candidate, _ b: Candidate) -> Bool {
    if a.count != b.count { return a.count > b.count }
    guard a.pair != b.pair else { return false }
    let (first, second) = (pairs[a.pair], pairs[b.pair])
    if first.left != second.left {
      return texts[Int(first.left)].lexicographicallyPrecedes(texts[Int(second.left)])
    }
    return texts[Int(first.right)].lexicographicallyPrecedes(texts[Int(second.right)])
  }

  private mutating func push(_ pair: Int) {
    heap.append(Candidate(count: pairs[pair].count, pair: pair))
    var child = heap.count - 1
    while child > 0, precedes(heap[child], heap[(child - 1) / 2]) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  private mutating func pop() -> Candidate? {
    guard let top = heap.first else { return nil }
    let last = heap.removeLast()
    if !heap.isEmpty {
      heap[0] = last
      var parent = 0
      while true {
        var least = parent
        for child in [2 * parent + 1, 2 * parent + 2]
        where child < heap.count && precedes(heap[child], heap[least]) { least = child }
        guard least != parent else { break }
        heap.swapAt(parent, least)
        parent = least
      }
    }
    return top
  }
}
