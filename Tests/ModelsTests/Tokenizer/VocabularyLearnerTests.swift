import Foundation
import Models
import Testing

private func learned(_ captions: [String], size: Int) -> LearnedVocabulary {
  var learner = VocabularyLearner()
  for caption in captions { learner.add(caption) }
  return learner.learn(size: size)
}

private func pairs(_ vocabulary: LearnedVocabulary) -> [String] {
  vocabulary.pairs.map { "\($0.left) \($0.right)" }
}

@Suite struct VocabularyLearnerTests {
  /// Sennrich's example: 5 low, 2 lower, 6 newest, 3 widest.
  private let words =
    Array(repeating: "low", count: 5) + ["lower", "lower"]
    + Array(repeating: "Newest", count: 6) + Array(repeating: "widest", count: 3)

  @Test func theMostFrequentPairIsFirst() {
    // e s and s t</w> occur nine times each: the text decides.
    #expect(
      pairs(learned(words, size: Vocabulary.minSize + 7))
        == ["e s", "es t</w>", "l o", "e w", "ew est</w>", "n ewest</w>", "lo w</w>"])
  }

  @Test func theOrderOfCaptionsDoesNotMatter() {
    #expect(learned(words, size: 600) == learned(words.reversed(), size: 600))
    #expect(learned([words.joined(separator: "  ")], size: 600) == learned(words, size: 600))
  }

  @Test func pairsThatOccurOnceAreNoMerges() {
    #expect(pairs(learned(["ab cd"], size: 600)).isEmpty)
    #expect(pairs(learned(["ab ab"], size: 600)) == ["a b</w>"])
  }

  @Test func repeatedSymbols() {
    // From the left: aaaaa is aa aa a</w>, aaaa is aa a a</w>.
    #expect(
      pairs(learned(["aaaaa aaaaa", "aaaa aaaa"], size: 600))
        == ["a a", "a a</w>", "aa a</w>", "aa aa</w>", "aa aaa</w>"])
  }

  @Test func specialTokensAreNoWords() {
    var learner = VocabularyLearner()
    learner.add("<|startoftext|> a&amp;b <|endoftext|>")
    #expect(learner.wordCount == 3)
  }

  @Test func itsTokenizerMergesAsLearned() throws {
    let vocabulary = learned(words + ["ünïcödé ünïcödé 😀😀"], size: Vocabulary.minSize + 40)
    let tokenizer = vocabulary.tokenizer()
    #expect(tokenizer.vocabularyCount == vocabulary.size)
    #expect(tokenizer.encode("newest NEWEST widest low").count == 4)
    #expect(tokenizer.encode("ünïcödé").count == 1)
  }

  @Test func filesComeBack() throws {
    let folder = NSTemporaryDirectory() + "learner-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let vocabulary = learned(words, size: 520)
    try vocabulary.write(to: folder + "/merges.txt")
    let text = try String(contentsOfFile: folder + "/merges.txt", encoding: .utf8)
    #expect(text.hasPrefix("#version: 0.2\ne s\nes t</w>\n"))
    let tokenizer = try Vocabulary.tokenizer(
      forModel: folder + "/model.safetensors", size: vocabulary.size)
    #expect(tokenizer.encode("lowest") == vocabulary.tokenizer().encode("lowest"))
  }

  /// Against counting all pairs anew for every merge.
  @Test func incrementalCountsAreRight() {
    var state: UInt64 = 1
    let captions = (0..<300).map { _ in
      let letters = (0..<6).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return "abc"[String.Index(utf16Offset: Int(state >> 33) % 3, in: "abc")]
      }
      return String(letters)
    }
    #expect(pairs(learned(captions, size: Vocabulary.minSize + 60)) == reference(captions, 60))
  }

  private func reference(_ captions: [String], _ merges: Int) -> [String] {
    var words = captions.map { word in word.dropLast().map { String($0) } + ["\(word.last!)</w>"] }
    return (0..<merges).map { _ in
      var counts: [[String]: Int] = [:]
      for word in words {
        for (left, right) in zip(word, word.dropFirst()) { counts[[left, right], default: 0] += 1 }
      }
      let best = counts.min {
        $0.value != $1.value ? $0.value > $1.value : $0.key.lexicographicallyPrecedes($1.key)
      }!.key
      for index in words.indices {
        var new: [String] = []
        for symbol in words[index] {
          if new.last == best[0], symbol == best[1] {
            new[new.count - 1] += symbol
          } else {
            new.append(symbol)
          }
        }
        words[index] = new
      }
      return best.joined(separator: " ")
    }
  }
}
