import TensorGraph

/// Changes brightness, contrast, saturation and hue, in this order: kornia's `ColorJitter` of 0.5.4,
/// today's `ColorJiggle`. Its strength is the largest change of each: of the three factors from 1, and of
/// the hue in turns.
///
/// Brightness is added and contrast multiplied, each clamped to 0…1; saturation and hue are changed in
/// HSV. kornia draws the order for each batch.
package struct JitterAugmentation: Augmentation {
  package static let name = "jitter"
  package static let code = "Ji"
  package static let probability: Float = 0.7
  package static let strength: Float = 0.1
  package static let strengths: ClosedRange<Float> = 0...0.5

  let probability: Float
  /// Largest change of brightness and contrast.
  let light: Float
  /// Largest change of saturation, and of the hue in turns.
  let color: Float

  package init(probability: Float, strength: Float, followsOriginal: Bool = false) {
    self.init(probability: probability, light: strength, color: strength)
  }

  package init(probability: Float, light: Float, color: Float) {
    (self.probability, self.light, self.color) = (probability, light, color)
  }

  /// Values are the factors of brightness, contrast and saturation, and the hue's change in turns.
  package func parameters(_ draws: CutoutDraws, side: Int) -> AugmentationParameters {
    draws.parameters(probability, columns: 4).mapping {
      [
        $0[0].spread(around: light) + 1, $0[1].spread(around: light) + 1,
        $0[2].spread(around: color) + 1, $0[3].spread(around: color),
      ]
    }
  }

  package func changed(_ cutouts: Tensor, by values: [Tensor], _ draws: CutoutDraws) -> Tensor {
    apply(
      to: cutouts, brightness: light > 0 ? values[0] : nil,
      contrast: light > 0 ? values[1] : nil, saturation: values[2], hue: values[3])
  }

  /// - Parameters: factors, and the hue in turns, each [n,1]; nil leaves brightness or contrast.
  package func apply(
    to cutouts: Tensor, brightness: Tensor?, contrast: Tensor?, saturation: Tensor, hue: Tensor
  ) -> Tensor {
    var result = cutouts
    if let brightness { result = Self.limited(result + (brightness - 1).perCutout) }
    if let contrast { result = Self.limited(result * contrast.perCutout) }
    return Self.colored(result, saturation.perCutout, hue.perCutout)
  }

  private static func limited(_ x: Tensor) -> Tensor {
    x.maximum(x.fullLike(0)).minimum(x.fullLike(1))
  }

  /// By HSV (Smith, "Color gamut transform pairs", 1978): a channel is v − v·s·max(0, min(k, 4 − k, 1))
  /// with k = (n + 6h) mod 6 and n = 5, 3, 1 for red, green, blue.
  private static func colored(_ x: Tensor, _ saturation: Tensor, _ turn: Tensor) -> Tensor {
    let (red, green, blue) = (
      x.sliced(axis: 3, 0..<1), x.sliced(axis: 3, 1..<2), x.sliced(axis: 3, 2..<3)
    )
    let value = red.maximum(green).maximum(blue)
    let chroma = value - red.minimum(green).minimum(blue)
    let isColored = chroma.greaterOrEqual(chroma.fullLike(1e-12))
    let divisor = isColored.select(chroma, chroma.fullLike(1))
    // Sextants of the hue by the channel that is largest, the first of equal ones.
    let isGreen = green.greaterOrEqual(blue)
    let others = isGreen.select((blue - red) / divisor + 2, (red - green) / divisor + 4)
    let isRed = red.greaterOrEqual(value)
    let sextant = isRed.select((green - blue) / divisor, others) + 6 * turn
    let depth = limited(saturation * (chroma / (value + 1e-6))) * value
    let channels = [5, 3, 1].map { offset -> Tensor in
      let place = sextant + Float(offset)
      let k = place - 6 * (place * (1 / 6)).floor()
      let ramp = k.minimum(4 - k).minimum(k.fullLike(1))
      return value - depth * ramp.maximum(ramp.fullLike(0))
    }
    return channels[0].concatenated(with: channels[1], axis: 3)
      .concatenated(with: channels[2], axis: 3)
  }
}
