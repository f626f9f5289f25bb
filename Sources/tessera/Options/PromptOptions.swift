import ArgumentParser
import Foundation
import Guidance
import Support
import Synchronization

/// Prompts of a render: texts, files of texts, pictures.
struct PromptOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "What to paint. Several prompts are painted together, as arguments or with '|' between them; "
        + "'a star:0.5' has half the weight, '{red|blue}' draws one, '__animal__' a line of "
        + "animal.txt. A backslash makes text of the next character: 'ratio 16\\:9'.",
      valueName: "prompt"))
  var prompts: [String] = []

  @Option(
    help: ArgumentHelp(
      "A text file of more prompts of the same picture, one a line; lines that begin with # are "
        + "comments.", valueName: "file"),
    completion: .file())
  var promptsFile: String?

  @Option(
    help: ArgumentHelp(
      "The folder of the files that __NAME__ stands for, NAME.txt with a text a line. (default: "
        + "wildcards)", valueName: "folder"),
    completion: .directory)
  var wildcards: String?

  @Option(
    help: ArgumentHelp(
      "A picture (PNG, JPEG) as a prompt, beside texts or instead; 'house.png:0.5' has half the "
        + "weight. May be given several times.", valueName: "file"),
    completion: .file())
  var imagePrompt: [String] = []

  var areGiven: Bool { !prompts.isEmpty || promptsFile != nil || !imagePrompt.isEmpty }

  /// Prompts as they are read.
  struct Reading {
    var prompts: [Prompt] = []
    /// The texts as they were given, if choices or wildcards were expanded.
    var templates: [String] = []
    /// Lines for the user.
    var warnings: [String] = []
    /// Files that were read.
    var files: [String] = []
  }

  /// - Parameter seed: of the draws of choices and wildcards.
  /// - Throws: ``GuidanceError`` with the text that is at fault; `FileError`.
  func read(seed: UInt64) throws -> Reading {
    var reader = PromptReader(
      seed: seed, wildcards: wildcards.map { Wildcards(folders: [$0]) } ?? .standard)
    var reading = Reading()
    for text in prompts { reading.prompts += try reader.prompts(in: text) }
    reading.templates = prompts
    if let promptsFile {
      for line in try PromptsFile.lines(promptsFile) {
        do throws(GuidanceError) { reading.prompts += try reader.prompts(in: line.text) } catch {
          throw GuidanceError.prompt("\(promptsFile):\(line.number): \(error)")
        }
        reading.templates.append(line.text)
      }
      reading.files.append(promptsFile)
    }
    reading.prompts += try imagePrompt.map { try Prompt(parsingPicture: $0) }
    if !reader.hasExpanded { reading.templates = [] }
    reading.warnings = quotingWarnings + reader.warnings
    reading.files += reader.files
    return reading
  }

  /// Warnings of words that a shell made of a sentence without quotes.
  private var quotingWarnings: [String] {
    let words = prompts.filter { word in !word.contains { $0.isWhitespace || $0 == ":" } }
    let numbers = words.filter { $0.contains(where: \.isNumber) && (try? PictureSize(parsing: $0)) != nil }
    if let number = numbers.first {
      return [
        "'\(number)' is painted as a prompt of its own; width and height are one word, as in "
          + "--size 64x48"
      ]
    }
    guard words.count > 1 else { return [] }
    return [
      words.map { "'\($0)'" }.joined(separator: ", ")
        + " are painted as \(words.count) prompts; one prompt of several words needs quotes: "
        + ShellWord.quoted(prompts.joined(separator: " "), always: true)
    ]
  }
}

/// A file of prompts.
private enum PromptsFile {
  /// Read once: a pipe gives its lines but once.
  private static let cache = Mutex<[String: [TextLines.Line]]>([:])

  static func lines(_ path: String) throws(FileError) -> [TextLines.Line] {
    if let lines = cache.withLock({ $0[path] }) { return lines }
    let lines = try TextLines.read(path)
    guard !lines.isEmpty else { throw .unreadable(path: path, reason: "it has no prompt") }
    cache.withLock { $0[path] = lines }
    return lines
  }
}
