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
    guard weight.isFinite, weight != 0 else {
      throw .prompt("the weight of '\(name)' is \(weight): it must be a number other than 0")
    }
    (self.image, self.name, self.weight) = (image, name, weight)
  }

  /// As on the command line: `house.png:0.5`.
  public var description: String { weight == 1 ? name : "\(name):\(weight)" }
}

extension PicturePrompt: Codable {
  private enum CodingKeys: CodingKey { case name, weight }

  /// Without the picture.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    name = try values.decode(String.self, forKey: .name)
    weight = try values.decode(Float.self, forKey: .weight)
    image = nil
  }
}
