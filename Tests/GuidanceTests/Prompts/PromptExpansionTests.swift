import Foundation
import Guidance
import Testing
import TestSupport

/// Choices and wildcards of prompts.
@Suite struct PromptExpansionTests {
  private let folder = try! TemporaryFolder()

  private func expansions(_ text: String, seeds: Range<UInt64> = 0..<200) throws -> [String: Int] {
    var counts: [String: Int] = [:]
    for seed in seeds {
      var reader = PromptReader(seed: seed, wildcards: Wildcards(folders: [folder.path("")]))
      counts[try reader.prompts(in: text).map(\.description).joined(separator: " | "), default: 0] += 1
      #expect(reader.hasExpanded)
    }
    return counts
  }

  private func write(_ text: String, as name: String) throws { try folder.write(Data(text.utf8), as: name) }

  @Test(arguments: [
    ("a {red|blue} star", ["a red star", "a blue star"]),
    ("{a|{b|c} d}", ["a", "b d", "c d"]),
    ("{red}", ["red"]),
    ("{2$$a|b|c}", ["a, b", "a, c", "b, a", "b, c", "c, a", "c, b"]),
    ("{2$$ and $$ a | b }", ["a and b", "b and a"]),
    ("{1-2$$a|b}", ["a", "b", "a, b", "b, a"]),
    ("{-2$$a|b}", ["a", "b", "a, b", "b, a"]),
    ("{2-$$+$$a|b|c}", ["a+b", "a+c", "b+a", "b+c", "c+a", "c+b"].flatMap { [$0] }
      + ["a+b+c", "a+c+b", "b+a+c", "b+c+a", "c+a+b", "c+b+a"]),
    ("{7$$a|b}", ["a, b", "b, a"]),
    ("{0::a|1::b}", ["b"]),
    ("{a:0.5|b\\|c}", ["a:0.5", "b\\|c"]),
    ("{a \\| b|c}", ["a \\| b", "c"]),
    ("a {red | blue}:0.5", ["a red :0.5", "a  blue:0.5"].map { $0.replacingOccurrences(of: " :", with: ":") }),
  ])
  func choices(_ text: String, _ expected: [String]) throws {
    #expect(try Set(expansions(text).keys) == Set(expected))
  }

  @Test func weightsAreFrequencies() throws {
    let counts = try expansions("{3::a|b}", seeds: 0..<2000)
    #expect((1400...1600).contains(counts["a"] ?? 0), "\(counts)")
  }

  @Test func wildcardsAreLinesOfFiles() throws {
    try write("\u{FEFF}# animals\r\na cat\r\n\r\n  a {red|blue} dog \r\n", as: "animal.txt")
    try write("__animal__\n__colour__ fog:-0.3\n", as: "thing.txt")
    try write("grey\n", as: "colour.txt")
    #expect(
      try Set(expansions("__thing__ | x").keys) == [
        "a cat | x", "a red dog | x", "a blue dog | x", "grey fog:-0.3 | x",
      ])
    #expect(try expansions("{2$$__animal__}").keys.allSatisfy { $0.hasPrefix("a cat, a ") || $0.hasSuffix(", a cat") })
    try write("cold\n", as: "colours-a.txt")
    try write("warm\n", as: "colours-b.txt")
    #expect(try Set(expansions("__colours*__").keys) == ["cold", "warm"])
  }

  @Test func theSeedDraws() throws {
    func draws(_ seed: UInt64) throws -> [String] {
      var reader = PromptReader(seed: seed, wildcards: Wildcards(folders: []))
      return try (0..<20).flatMap { _ in try reader.prompts(in: "{a|b|c}").map(\.description) }
    }
    #expect(try draws(1) == draws(1) && draws(1) != draws(2))
  }

  @Test func underscoresThatHoldNoNameAreText() throws {
    for text in ["____", "a__b", "__a b__", "x_y_z"] {
      var reader = PromptReader(wildcards: Wildcards(folders: []))
      #expect(try reader.prompts(in: text).map(\.text) == [text])
    }
  }

  /// What never ends, or grows without end, is refused.
  @Test func hostileTemplates() throws {
    try write("__loop__\n", as: "loop.txt")
    try write("__b____b____b____b____b____b____b____b____b____b__\n", as: "a.txt")
    try write("__c____c____c____c____c____c____c____c____c____c__\n", as: "b.txt")
    try write("__d____d____d____d____d____d____d____d____d____d__\n", as: "c.txt")
    try write("__e____e____e____e____e____e____e____e____e____e__\n", as: "d.txt")
    try write("{x|y}\n", as: "e.txt")
    try write("\u{0}", as: "empty.txt")
    try folder.write(Data([0x61, 0xE9, 0x0A]), as: "latin.txt")
    for text in [
      "__loop__", "__a__", "__latin__", String(repeating: "{", count: 100_000),
      String(repeating: "{", count: 200) + String(repeating: "}", count: 200), "{0::a}",
    ] {
      var reader = PromptReader(wildcards: Wildcards(folders: [folder.path("")]))
      #expect(throws: GuidanceError.self, "\(text.prefix(20))") { try reader.prompts(in: text) }
    }
  }
}
