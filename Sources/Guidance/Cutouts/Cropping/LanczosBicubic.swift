import TensorGraph

/// The notebooks' resampling of a crop: where it shrinks, a Lanczos filter (a = 2) inside the crop,
/// mirrored at its edges; then bicubic interpolation between its outermost pixel centres.
///
/// `resample` of nerdyrodent/VQGAN-CLIP: `F.conv2d` with the filter's taps at whole pixels, then
/// `F.interpolate(mode="bicubic", align_corners=True)`, whose cubic has a = −¾. Boxes are whole pixels
/// inside the picture.
package struct LanczosBicubic: ResamplingFilter {
  package init() {}

  package func windows(start: Tensor, length: Tensor, count: Int, extent: Int) -> Tensor {
    let graph = start.graph
    let last = length - 1
    let places = samples(count, graph) * (last * (1 / Float(max(count - 1, 1))))
    let whole = (places + 1e-4).floor()
    let fraction = places - whole
    let taps = Self.taps(fraction)
    // Taps per pixel of the crop: 1 where it is enlarged, and the filter is a single tap.
    let ratio = (Float(count) / length).minimum(length.fullLike(1))
    let offsets = graph.literal((0..<extent).map { Float($0) - Float(extent / 2) }, [1, 1, extent])
    let total = Self.lanczos(offsets * ratio).sum(axes: [2])

    let pixel = pixels(extent, graph) - start
    // Pixels that are mirrored onto another by the edges' centres; the edges themselves are not.
    let isInside = pixel.greaterOrEqual(pixel.fullLike(0))
      * last.greaterOrEqual(pixel)
    let isInner = pixel.greaterOrEqual(pixel.fullLike(0.5))
    let isOuter = (last - 0.5).greaterOrEqual(pixel)
    var sum: Tensor?
    for (number, tap) in taps.enumerated() {
      let place = (whole + Float(number - 1)).minimum(last).maximum(last.fullLike(0))
      let mirrored = isInner * Self.lanczos((pixel + place) * ratio)
        + isOuter * Self.lanczos((2 * last - pixel - place) * ratio)
      let weight = tap * (Self.lanczos((pixel - place) * ratio) + mirrored)
      sum = sum.map { $0 + weight } ?? weight
    }
    return sum! * isInside / total
  }

  /// Weights of the four pixels around a place, the second of which is `fraction` before it.
  private static func taps(_ t: Tensor) -> [Tensor] {
    let a: Float = -0.75
    func outer(_ x: Tensor) -> Tensor { ((a * x - 5 * a) * x + 8 * a) * x - 4 * a }
    func inner(_ x: Tensor) -> Tensor { ((a + 2) * x - (a + 3)) * x * x + 1 }
    return [outer(t + 1), inner(t), inner(1 - t), outer(2 - t)]
  }

  /// sinc(x)·sinc(x/2) for |x| < 2, else 0, by the double angle: 4·s²·c / (πx)² with s and c of πx/2.
  private static func lanczos(_ x: Tensor) -> Tensor {
    let distance = x.absolute()
    let away = distance.maximum(distance.fullLike(3e-4))
    let half = away * (Float.pi / 2)
    let (sine, cosine) = (half.sine(), half.cosine())
    let value = sine * sine * cosine / (half * half)
    return value * (1 - distance.greaterOrEqual(distance.fullLike(2)))
  }
}
