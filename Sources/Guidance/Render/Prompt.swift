/// What a picture should show, and how much that counts.
public struct Prompt: Hashable, Sendable, CustomStringConvertible {
  public let text: String
  /// Factor of its distance in the loss; a negative one pushes away from the text.
  public let weight: Float

  /// - Throws: ``GuidanceError`` if `text` is blank or `weight` is 0 or not finite.
  public init(_ text: String, weight: Float = 1) throws(GuidanceError) {
    guard text.contains(where: { !$0.isWhitespace }) else {
      throw .prompt("a prompt is empty: say what the picture should show")
    }
    self.text = text
    self.weight = try Self.checked(weight, of: text)
  }

  /// Reads `text` or `text:weight`; a colon that no number follows is part of the text.
  /// - Throws: ``GuidanceError`` as ``init(_:weight:)``.
  public init(parsing argument: String) throws(GuidanceError) {
    guard let colon = argument.lastIndex(of: ":"),
      let weight = Float(argument[argument.index(after: colon)...])
    else {
      try self.init(argument)
      return
    }
    try self.init(String(argument[..<colon]), weight: weight)
  }

  public var description: String { Self.description(text, weight: weight) }

  /// `weight`, if it is a number other than 0.
  static func checked(_ weight: Float, of name: String) throws(GuidanceError) -> Float {
    guard weight.isFinite, weight != 0 else {
      throw .prompt("the weight of '\(name)' is \(weight): it must be a number other than 0")
    }
    return weight
  }

  /// A prompt as the command line has it.
  static func description(_ name: String, weight: Float) -> String {
    weight == 1 ? name : "\(name):\(weight)"
  }
}

extension Prompt: Codable {
  private enum CodingKeys: CodingKey { case text, weight }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      values.decode(String.self, forKey: .text), weight: values.decode(Float.self, forKey: .weight))
  }
}
