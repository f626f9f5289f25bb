import TensorGraph

/// Colours that a picture is to have, and how much that counts.
public struct Palette: Hashable, Sendable, Codable {
  /// A colour, each channel in 0…1, sRGB-coded.
  public struct Color: Hashable, Sendable, Codable {
    public let red: Float
    public let green: Float
    public let blue: Float

    public init(red: Float, green: Float, blue: Float) {
      (self.red, self.green, self.blue) = (red, green, blue)
    }
  }

  public var colors: [Color]
  public var weight: Float

  public init(_ colors: [Color], weight: Float = 1) {
    (self.colors, self.weight) = (colors, weight)
  }

  /// Names of CSS, those that a child knows.
  private static let names: [String: UInt32] = [
    "black": 0x000000, "white": 0xFFFFFF, "gray": 0x808080, "grey": 0x808080, "silver": 0xC0C0C0,
    "red": 0xFF0000, "maroon": 0x800000, "orange": 0xFFA500, "gold": 0xFFD700, "yellow": 0xFFFF00,
    "olive": 0x808000, "lime": 0x00FF00, "green": 0x008000, "teal": 0x008080, "cyan": 0x00FFFF,
    "turquoise": 0x40E0D0, "blue": 0x0000FF, "navy": 0x000080, "purple": 0x800080,
    "violet": 0xEE82EE, "magenta": 0xFF00FF, "pink": 0xFFC0CB, "brown": 0xA52A2A, "beige": 0xF5F5DC,
  ]

  /// `red,blue,#ffcc00`, and after a colon the weight.
  /// - Throws: ``GuidanceError/settings(_:)`` naming what is no colour.
  public init(parsing text: String) throws(GuidanceError) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 2, let weight = parts.count == 2 ? Float(parts[1]) : 1 else {
      throw .settings("the palette '\(text)' is not understood: write colours, as red,blue,#ffcc00")
    }
    var colors: [Color] = []
    for part in parts[0].split(separator: ",", omittingEmptySubsequences: false) {
      let name = part.filter { $0 != " " }.lowercased()
      let digits = name.hasPrefix("#") && name.count == 7 ? UInt32(name.dropFirst(), radix: 16) : nil
      guard let number = digits ?? Self.names[name] else {
        throw .settings(
          "'\(part)' is no colour: write six digits, as #ffcc00, or one of "
            + Self.names.keys.sorted().joined(separator: ", "))
      }
      func channel(_ shift: UInt32) -> Float { Float(number >> shift & 0xFF) / 255 }
      colors.append(Color(red: channel(16), green: channel(8), blue: channel(0)))
    }
    self.init(colors, weight: weight)
  }
}

/// Distance of the picture to a palette: a tenth of the mean over its pixels of the distance to the nearest
/// colour.
///
/// pixray's `PaletteLoss`, of the picture in place of its cutouts.
public struct PaletteDistance: LossTerm {
  public let name = "palette"
  public var weight: Float { palette.weight }
  private let palette: Palette

  public init(_ palette: Palette) { self.palette = palette }

  public func value(_ context: GuidanceContext) -> Tensor { Self.value(of: context.picture, palette) }

  /// Keeps the root's slope finite at a colour itself.
  private static let floor: Float = 1e-6

  /// The scalar of a picture [1,H,W,3].
  package static func value(of picture: Tensor, _ palette: Palette) -> Tensor {
    let squares = palette.colors.map { color in
      let way = picture - picture.graph.literal([color.red, color.green, color.blue], [3])
      return (way * way).sum(axes: [3])
    }
    let nearest = squares.dropFirst().reduce(squares[0]) { $0.minimum($1) }
    return 0.1 * (nearest + floor).squareRoot().mean()
  }
}
