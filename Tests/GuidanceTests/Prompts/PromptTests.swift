import Guidance
import Testing

@Suite struct PromptTests {
  @Test(arguments: [
    ("a red house", "a red house", Float(1)),
    ("a boat:0.5", "a boat", 0.5),
    ("not this:-1", "not this", -1),
    ("time: 10 past", "time: 10 past", 1),
    ("ratio 3:2:2", "ratio 3:2", 2),
  ])
  func weightsFollowTheLastColon(_ argument: String, _ text: String, _ weight: Float) throws {
    let prompt = try Prompt(parsing: argument)
    #expect(prompt.text == text && prompt.weight == weight)
  }

  /// What is printed and recorded is read as the same prompt again.
  @Test(arguments: ["a red house", "a boat:0.5", "ratio 16:9:1", "12:30:2.5", "fog:-0.25"])
  func descriptionsAreReadAgain(_ argument: String) throws {
    let prompt = try Prompt(parsing: argument)
    #expect(try Prompt(parsing: "\(prompt)") == prompt)
  }

  @Test(arguments: ["", "   ", ":2", "x:0", "x:nan", "x:inf"])
  func promptsWithoutMeaningAreRefused(_ argument: String) {
    #expect(throws: GuidanceError.self) { try Prompt(parsing: argument) }
  }
}
