import Foundation
import Models
import Testing

private func fixture(_ name: String) -> String {
  var folder = URL(fileURLWithPath: #filePath)
  for _ in 0..<3 { folder.deleteLastPathComponent() }
  return folder.appendingPathComponent("Fixtures/\(name)").path
}

/// What the original tokenizer makes of one line; Tests/Fixtures/tokenizer_lines.py has the lines.
private struct Line: Decodable {
  var text: String, cleaned: String, ids: [Int]
}

@Suite struct TokenizerTests {
  private let tokenizer: Tokenizer

  init() throws { tokenizer = try Tokenizer(file: fixture("merges.txt")) }

  @Test func agreesWithTheOriginal() throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: fixture("originals/tokenizer.json")))
    let lines = try JSONDecoder().decode([Line].self, from: data)
    #expect(lines.count > 250)
    for line in lines {
      // Scalars, because String's == takes canonically equivalent texts for equal.
      let cleaned = TextCleaning.clean(line.text)
      #expect(Array(cleaned.unicodeScalars) == Array(line.cleaned.unicodeScalars), "\(line.text)")
      #expect(tokenizer.encode(line.text) == line.ids, "\(line.text)")
    }
  }

  @Test func startEndAndPadding() throws {
    // Its final line break counts as an entry, so the starter's 227 merges make 742 tokens.
    #expect(tokenizer.vocabularyCount == 742)
    let tokens = try tokenizer.tokens(for: "a blue star", contextLength: 8)
    #expect(tokens == [740] + tokenizer.encode("a blue star").map(Int32.init) + [741, 0, 0, 0])
    #expect(try tokenizer.tokens(for: "", contextLength: 3) == [740, 741, 0])
  }

  @Test func lengthIsCountedExactly() throws {
    let text = Array(repeating: "star", count: 30).joined(separator: " ")
    #expect(try tokenizer.tokens(for: text, contextLength: 32).last == 741)
    let error = try #require(throws: TokenizerError.self) {
      try tokenizer.tokens(for: text + "\nstar", contextLength: 32)
    }
    #expect(error == .tooLong(text: text + "\nstar", tokenCount: 33, limit: 32))
    #expect(error.description.contains("33 tokens") && error.description.contains("reads 32"))
    #expect(!error.description.contains("\n") && error.description.count < 180)
    let cut = try tokenizer.tokens(for: text + "\nstar", contextLength: 32, truncating: true)
    #expect(cut == (try tokenizer.tokens(for: text, contextLength: 32)))
  }

  /// The rank table is followed whatever order symbols arise in: a merge that makes a symbol of a
  /// lower rank's pair waits until its own pass is over.
  @Test func mergesLeftToRightByRank() throws {
    let tokenizer = try Tokenizer(merges: "#version: 0.2\na a\naa aa\nb a</w>\naa b")
    // 512 aa, 513 aaaa, 514 ba</w>, 515 aab. Token of a byte b is b - 33.
    #expect(tokenizer.vocabularyCount == 518)
    #expect(tokenizer.encode("aaaaa") == [513, 64 + 256])
    #expect(tokenizer.encode("aaaaaaab") == [513, 512, 64, 65 + 256])
    #expect(tokenizer.encode("aaba") == [512, 514])
    #expect(tokenizer.encode("aabb") == [515, 65 + 256])
  }

  @Test func aVeryLongWordIsQuick() {
    var state: UInt64 = 1
    let letters = (0..<10_000).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Unicode.Scalar(UInt8(97 + (state >> 33) % 26))
    }
    let word = String(String.UnicodeScalarView(letters))
    let start = ContinuousClock.now
    let tokens = tokenizer.encode(word + " " + String(repeating: "ab", count: 5_000))
    #expect(ContinuousClock.now - start < .seconds(1))
    #expect(tokens.count > 5_000)
  }

  @Test(arguments: [
    ("", "line 1: expected a line with"),
    ("i n\no f</w>\n", "line 1: expected a line with"),
    ("#version: 0.2\ni n\no\n", "line 3: expected two symbols, found 1"),
    ("#version: 0.2\ni n g\n", "line 2: expected two symbols, found 3"),
    ("#version: 0.2\ni n\n\no f\n", "line 3: expected two symbols, found 0"),
    ("#version: 0.2\ni n\nof f\n", "line 3: “of” is no byte symbol"),
    ("#version: 0.2\ni \u{3042}\n", "line 2: “\u{3042}” is no byte symbol"),
  ])
  func refusesMerges(text: String, message: String) throws {
    let error = try #require(throws: TokenizerError.self) {
      try Tokenizer(merges: text, name: "m.txt")
    }
    #expect(error.description.contains("m.txt, \(message)"), "\(error)")
  }

  @Test func windowsLineEndingsAreTheSame() throws {
    let text = try String(contentsOfFile: fixture("merges.txt"), encoding: .utf8)
    let windows = try Tokenizer(merges: text.replacingOccurrences(of: "\n", with: "\r\n"))
    #expect(windows.vocabularyCount == tokenizer.vocabularyCount)
    #expect(windows.encode("the sea at sunset") == tokenizer.encode("the sea at sunset"))
  }
}
