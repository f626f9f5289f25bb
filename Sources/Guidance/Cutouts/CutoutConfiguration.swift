import TensorGraph

/// How the pictures shown to the perceptor are made of the image: how many, and what chance does to
/// each.
///
/// A part whose probability or ranges are zero costs nothing. The defaults are affine maps for 70 %
/// of the cutouts and noise for all.
public struct CutoutConfiguration: Hashable, Sendable, Codable {
  /// A random affine map: zoom, shear, turn, then shift.
  public struct Affine: Hashable, Sendable, Codable {
    /// Share of the cutouts that are mapped, 0…1.
    public var probability: Float
    /// Largest turn either way, in radians.
    public var rotation: Float
    /// Largest change of the zoom factor from 1.
    public var scale: Float
    /// Largest shift along either axis, in half sides of the cutout.
    public var shift: Float
    /// Largest shift of the top edge against the middle, in half sides.
    public var shear: Float

    public init(
      probability: Float = 0.7, rotation: Float = 0.25, scale: Float = 0.2, shift: Float = 0.15,
      shear: Float = 0.1
    ) {
      self.probability = probability
      self.rotation = rotation
      self.scale = scale
      self.shift = shift
      self.shear = shear
    }
  }

  /// A random change of viewpoint: every corner moves inwards on its own.
  public struct Perspective: Hashable, Sendable, Codable {
    /// Share of the cutouts seen from elsewhere, 0…1.
    public var probability: Float
    /// Farthest a corner moves along either axis, in half sides, 0…0.5.
    public var distortion: Float

    public init(probability: Float = 0, distortion: Float = 0.3) {
      self.probability = probability
      self.distortion = distortion
    }
  }

  /// A random change of colour; one draw for all pixels of a cutout.
  public struct ColorJitter: Hashable, Sendable, Codable {
    /// Share of the cutouts whose colours change, 0…1.
    public var probability: Float
    /// Largest change of the factors of brightness, contrast and saturation from 1.
    public var brightness: Float
    public var contrast: Float
    public var saturation: Float
    /// Largest turn of the hue either way, in radians.
    public var hue: Float

    public init(
      probability: Float = 0, brightness: Float = 0.1, contrast: Float = 0.1,
      saturation: Float = 0.1, hue: Float = 0.1
    ) {
      self.probability = probability
      self.brightness = brightness
      self.contrast = contrast
      self.saturation = saturation
      self.hue = hue
    }
  }

  /// A random rectangle of black.
  public struct Erasing: Hashable, Sendable, Codable {
    /// Share of the cutouts that lose a rectangle, 0…1.
    public var probability: Float
    /// Area of the rectangle, as a share of the cutout.
    public var area: ClosedRange<Float>
    /// Height over width of the rectangle, drawn evenly on a logarithmic scale.
    public var ratio: ClosedRange<Float>

    public init(
      probability: Float = 0, area: ClosedRange<Float> = 0.02...0.3,
      ratio: ClosedRange<Float> = 0.3...3.3
    ) {
      self.probability = probability
      self.area = area
      self.ratio = ratio
    }
  }

  /// Number of cutouts.
  public var count: Int
  /// Name of the method that makes them; see ``CutoutMethods``.
  public var method: String
  /// Power of the uniform number that the size of a crop is drawn by: above 1 prefers small crops,
  /// below 1 large ones.
  public var power: Float
  /// Augmentations in the order in which they are applied, instead of the method's own and of the parts
  /// below; nil leaves those.
  public var augmentations: [AugmentationChoice]?
  /// Follows the originals where they do something else than they say; see docs/cutouts.md.
  public var followsOriginals: Bool
  public var affine: Affine
  public var perspective: Perspective
  /// Share of the cutouts that are mirrored left to right, 0…1.
  public var flipProbability: Float
  /// What a map finds outside the image.
  public var padding: SamplePadding
  public var colorJitter: ColorJitter
  public var erasing: Erasing
  /// Largest deviation of the noise; each cutout draws its own between 0 and this.
  public var noise: Float

  public init(
    count: Int = 16, method: String = CutoutMethods.automatic, power: Float = 1,
    augmentations: [AugmentationChoice]? = nil, followsOriginals: Bool = false,
    affine: Affine = Affine(),
    perspective: Perspective = Perspective(), flipProbability: Float = 0,
    padding: SamplePadding = .reflection, colorJitter: ColorJitter = ColorJitter(),
    erasing: Erasing = Erasing(), noise: Float = 0.1
  ) {
    self.count = count
    (self.method, self.power) = (method, power)
    (self.augmentations, self.followsOriginals) = (augmentations, followsOriginals)
    self.affine = affine
    self.perspective = perspective
    self.flipProbability = flipProbability
    self.padding = padding
    self.colorJitter = colorJitter
    self.erasing = erasing
    self.noise = noise
  }
}

extension CutoutConfiguration {
  /// - Throws: ``GuidanceError`` naming the first value that is out of range, and the range.
  package func validate() throws(GuidanceError) {
    func require(
      _ name: String, _ value: Float, _ range: ClosedRange<Float>
    ) throws(GuidanceError) {
      guard range.contains(value) else {
        throw .settings(
          "cutouts: \(name) is \(value), out of range: "
            + "choose \(range.lowerBound) to \(range.upperBound)")
      }
    }
    guard (1...1024).contains(count) else {
      throw .settings("\(count) cutouts are out of range: choose 1 to 1024")
    }
    _ = try CutoutMethods.named(method)
    try require("power", power, 0.01...100)
    for choice in augmentations ?? [] { try choice.validate() }
    try require("affine.probability", affine.probability, 0...1)
    try require("affine.rotation", affine.rotation, 0...(.pi))
    try require("affine.scale", affine.scale, 0...0.9)
    try require("affine.shift", affine.shift, 0...2)
    try require("affine.shear", affine.shear, 0...2)
    try require("perspective.probability", perspective.probability, 0...1)
    try require("perspective.distortion", perspective.distortion, 0...0.5)
    try require("flipProbability", flipProbability, 0...1)
    try require("colorJitter.probability", colorJitter.probability, 0...1)
    try require("colorJitter.brightness", colorJitter.brightness, 0...1)
    try require("colorJitter.contrast", colorJitter.contrast, 0...1)
    try require("colorJitter.saturation", colorJitter.saturation, 0...1)
    try require("colorJitter.hue", colorJitter.hue, 0...(.pi))
    try require("erasing.probability", erasing.probability, 0...1)
    for bound in [erasing.area.lowerBound, erasing.area.upperBound] {
      try require("erasing.area", bound, 0...1)
    }
    for bound in [erasing.ratio.lowerBound, erasing.ratio.upperBound] {
      try require("erasing.ratio", bound, 0.01...100)
    }
    try require("noise", noise, 0...10)
  }
}
