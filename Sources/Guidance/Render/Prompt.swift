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
    guard weight.isFinite, weight != 0 else {
      throw .prompt("the weight of '\(text)' is \(weight): it must be a number other than 0")
    }
    self.text = text
    self.weight = weight
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

  public var description: String { weight == 1 ? text : "\(text):\(weight)" }
}

extension Prompt: Codable {
  private enum CodingKeys: CodingKey { case text, weight }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      values.decode(String.self, forKey: .text), weight: values.decode(Float.self, forKey: .weight))
  }
}
