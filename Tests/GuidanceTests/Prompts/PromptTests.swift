import Guidance
import Testing
import TestSupport

private func read(_ text: String) throws -> [Prompt] {
  var reader = PromptReader()
  return try reader.prompts(in: text)
}

private func warnings(of text: String) throws -> [String] {
  var reader = PromptReader()
  _ = try reader.prompts(in: text)
  return reader.warnings
}

/// Texts and weights of prompts, without choices.
@Suite struct PromptTests {
  @Test(arguments: [
    ("a red house", "a red house", Float(1)),
    ("a boat:0.5", "a boat", 0.5),
    ("not this:-1", "not this", -1),
    ("time: 10 past", "time: 10 past", 1),
    ("at 12:30pm", "at 12:30pm", 1),
    ("a blue boat: 0.5", "a blue boat", 0.5),
    ("a boat:0.5 ", "a boat", 0.5),
    ("a boat:0.5\r", "a boat", 0.5),
    ("a boat :\u{A0}.5", "a boat", 0.5),
    ("fog:\u{2212}0.3", "fog", -0.3),
    ("fog:\u{2013}0.3", "fog", -0.3),
    ("a boat\u{FF1A}0.5", "a boat", 0.5),
    ("a boat\u{FF1A}\u{FF10}\u{FF0E}\u{FF15}", "a boat", 0.5),
    ("a boat:0,5", "a boat", 0.5),
    ("a boat:+2", "a boat", 2),
    ("標題\u{FF1A}貓", "標題\u{FF1A}貓", 1),
    ("avengers:infinity", "avengers:infinity", 1),
    ("code:0x1F", "code:0x1F", 1),
    ("x:nan", "x:nan", 1),
    (#"ratio 16\:9"#, "ratio 16:9", 1),
    (#"ratio 16\:9:0.5"#, "ratio 16:9", 0.5),
    (#"http\://localhost\:8080"#, "http://localhost:8080", 1),
    (#"C:\dir"#, #"C:\dir"#, 1),
    (#"\{a\|b\} \^ \__x\__ \\"#, #"{a|b} ^ __x__ \"#, 1),
  ])
  func textsAndWeights(_ argument: String, _ text: String, _ weight: Float) throws {
    let prompts = try read(argument)
    #expect(prompts.map(\.text) == [text] && prompts.map(\.weight) == [weight])
  }

  @Test func barsPartPrompts() throws {
    #expect(
      try read("a red house:0.25 | fog:-0.3|the sea")
        == [Prompt("a red house", weight: 0.25), Prompt("fog", weight: -0.3), Prompt("the sea")])
  }

  @Test(arguments: [
    ("", "is empty"), ("   ", "is empty"), (":2", "is empty"), ("a | ", "is empty"),
    ("x:0", "other than 0"),
    ("a red house at 12:30", #"'a red house at 12\:30'"#),
    ("http://localhost:8080", #"'http://localhost\:8080'"#),
    ("fog:1e-1", "is no weight"), ("a boat:50%", "is no weight"), ("a boat:1/2", "is no weight"),
    ("a boat:- 0.3", "is no weight"), ("(a boat:1.3)", "is no weight"), ("a boat:1.000,5", "is no weight"),
    ("ratio 16:9:1", #"'ratio 16:9\:1'"#),
    ("a boat:0.5:0.2", "stop"), ("a house ^ a boat", "scenes"),
    ("a {red house", "not closed"), ("a red} house", "closes nothing"),
    ("{x$$a|b}", "is no count"), ("${colour}", "variables"), ("__nowhere__", "nowhere.txt"),
    ("__../secret__", "leads out"),
  ])
  func whatIsNotReadIsRefused(_ argument: String, _ reason: String) {
    let error = #expect(throws: GuidanceError.self) { try read(argument) }
    #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
  }

  @Test(arguments: [
    ("ratio 16:9", #"'ratio 16\:9'"#), ("avengers:infinity", "no weight"), ("code:0x1F", "no weight"),
    ("x:nan", "no weight"),
  ])
  func whatMayBeMeantOtherwiseIsSaid(_ argument: String, _ text: String) throws {
    let lines = try warnings(of: argument)
    #expect(lines.count == 1 && lines[0].contains(text), "\(lines)")
  }

  @Test(arguments: ["a red house", "star 2:0.5", "12:30pm", "a boat:2", #"16\:9"#])
  func plainPromptsDrawNoWarning(_ argument: String) throws {
    #expect(try warnings(of: argument).isEmpty)
  }

  /// What is printed and recorded is read as the same prompt again.
  @Test(arguments: [
    "a red house", "a boat:0.5", "ratio 16:9:1", "12:30", "fog: 1e-1", "x:inf", "{a|b}", "a|b", "a^b",
    "__x__", "____", #"\"#, #"a\"#, #"\:2"#, #"\\{"#, "#1", "a \u{FF1A}2", "50%:50%", ":", "a:", "$${",
  ])
  func descriptionsAreReadAgain(_ text: String) throws {
    for weight: Float in [1, 0.5, -0.25, 1e-7, 3] {
      let prompt = try Prompt(text, weight: weight)
      #expect(try read("\(prompt)") == [prompt], "\(prompt)")
      #expect(try warnings(of: "\(prompt)").isEmpty)
    }
  }

  /// Of a picture, the file of the whole name comes before a weight.
  @Test func picturesHaveWeights() throws {
    let folder = try TemporaryFolder()
    #expect(try Prompt(parsingPicture: folder.path("a:2")).weight == 2)
    try folder.write(.init(), as: "a:2")
    #expect(try Prompt(parsingPicture: folder.path("a:2")).weight == 1)
    #expect(throws: GuidanceError.self) { try Prompt(parsingPicture: "a.png:50%") }
  }
}
