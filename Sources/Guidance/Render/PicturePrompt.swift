import Imaging

/// A picture that what is painted should be like, and how much that counts: to the perceptor it says
/// what a text says, where its own embedding stands for the text's.
public struct PicturePrompt: Sendable {
  /// What messages and records call it.
  public let name: String
  /// Factor of its distance in the loss; a negative one pushes away from the picture.
  public let weight: Float
  /// Nil once it is embedded, as in a render that was saved.
  let image: Image?

  /// - Throws: ``GuidanceError/prompt(_:)`` if `weight` is 0 or not finite.
  public init(_ image: Image, name: String, weight: Float = 1) throws(GuidanceError) {
    (self.image, self.name) = (image, name)
    self.weight = try Prompt.checked(weight, of: name)
  }

  /// As on the command line: `house.png:0.5`.
  public var description: String { Prompt.description(name, weight: weight) }
}

extension PicturePrompt: Codable {
  private enum CodingKeys: CodingKey { case name, weight }

  /// Without the picture.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    name = try values.decode(String.self, forKey: .name)
    weight = try Prompt.checked(values.decode(Float.self, forKey: .weight), of: name)
    image = nil
  }
}
