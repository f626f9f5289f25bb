import Foundation

/// A text, picture or embedding that the picture should match, and its weight.
public struct Prompt: Hashable, Sendable {
  /// Content that a perceptor embeds, or has embedded.
  public enum Content: Hashable, Sendable {
    case text(String)
    /// PNG or JPEG.
    case picture(InputFile)
    /// Components of an embedding in the space of the one perceptor, not normalised.
    case embedding([Float])
  }

  public let content: Content
  /// Factor of its distance in the loss; a negative one pushes away.
  public let weight: Float

  /// - Throws: ``GuidanceError`` if a text is blank, an embedding is not of finite numbers, or
  ///   `weight` is 0 or not finite.
  public init(_ content: Content, weight: Float = 1) throws(GuidanceError) {
    (self.content, self.weight) = (content, weight)
    switch content {
    case .text(let text):
      guard text.contains(where: { !$0.isWhitespace }) else {
        throw .prompt("a prompt is empty: say what the picture should show")
      }
    case .embedding(let components):
      guard !components.isEmpty, components.allSatisfy(\.isFinite) else {
        throw .prompt("an embedding as a prompt must be of finite numbers, and at least one")
      }
    case .picture: break
    }
    guard weight.isFinite, weight != 0 else {
      throw .prompt("the weight of '\(name)' is \(weight): it must be a number other than 0")
    }
  }

  public init(_ text: String, weight: Float = 1) throws(GuidanceError) {
    try self.init(.text(text), weight: weight)
  }

  /// Reads one prompt as the command line has it: `text` or `text:weight`; see ``PromptReader``.
  /// - Throws: ``GuidanceError`` as ``init(_:weight:)``, or for several prompts.
  public init(parsing argument: String) throws(GuidanceError) {
    var reader = PromptReader()
    let prompts = try reader.prompts(in: argument)
    guard prompts.count == 1 else { throw .prompt("'\(argument)' is \(prompts.count) prompts") }
    self = prompts[0]
  }

  /// Reads `file` or `file:weight`.
  public init(parsingPicture argument: String) throws(GuidanceError) {
    let (path, weight) = try Self.split(argument)
    try self.init(.picture(InputFile(path)), weight: weight)
  }

  /// Name in messages and records: its text, or the picture's file name.
  public var name: String {
    switch content {
    case .text(let text): text
    case .picture(let file): file.name
    case .embedding(let components): "an embedding of \(components.count) components"
    }
  }

  /// The text, if it is one.
  public var text: String? {
    if case .text(let text) = content { text } else { nil }
  }

  /// The prompt with `change` applied to its file, if it has one.
  func mappingFile<E: Error>(
    _ change: (InputFile) throws(E) -> InputFile
  ) throws(E) -> Prompt {
    guard case .picture(let file) = content else { return self }
    return Prompt(checked: .picture(try change(file)), weight: weight)
  }

  private init(checked content: Content, weight: Float) {
    (self.content, self.weight) = (content, weight)
  }

  /// `file:weight` taken apart; the weight is 1 where no number follows the last colon, or where there
  /// is a file of the whole name.
  /// - Throws: ``GuidanceError`` for a number in a notation that is not read.
  package static func split(
    _ argument: String
  ) throws(GuidanceError) -> (path: String, weight: Float) {
    guard let colon = argument.lastIndex(of: ":"),
      !FileManager.default.fileExists(atPath: argument)
    else { return (argument, 1) }
    let tail = String(argument[argument.index(after: colon)...])
    switch PromptNumber(Array(tail.unicodeScalars)) {
    case .number(let weight): return (String(argument[..<colon]), weight)
    case .text, .wordLike: return (argument, 1)
    case .unreadable: throw .prompt("'\(argument)': '\(tail)' is no weight, such as 0.5 or -1")
    }
  }
}

extension Prompt: CustomStringConvertible {
  /// The prompt as the command line has it: reading it again gives the same text and weight.
  public var description: String {
    let name = text == nil ? name : PromptSymbol.escaped(name)
    return weight == 1 ? name : "\(name):\(PromptNumber.text(of: weight))"
  }
}

extension Prompt: Codable {
  private enum CodingKeys: CodingKey { case text, picture, embedding, weight }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let content: Content =
      if let text = try values.decodeIfPresent(String.self, forKey: .text) {
        .text(text)
      } else if let file = try values.decodeIfPresent(InputFile.self, forKey: .picture) {
        .picture(file)
      } else {
        .embedding(try values.decode([Float].self, forKey: .embedding))
      }
    try self.init(content, weight: values.decode(Float.self, forKey: .weight))
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    switch content {
    case .text(let text): try values.encode(text, forKey: .text)
    case .picture(let file): try values.encode(file, forKey: .picture)
    case .embedding(let components): try values.encode(components, forKey: .embedding)
    }
    try values.encode(weight, forKey: .weight)
  }
}
