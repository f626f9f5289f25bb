import RealModule
import TensorGraph

/// Three fifths of the cutouts zoom into the picture, the others show all of it on grey: after
/// `MakeCutouts` of pixray/pixray.
///
/// A zoom is a rectangle of 0.25…0.95 of the square on the shorter side, with proportions of 0.85…1.2,
/// seen in perspective; a wide cutout is a square around the picture, which fills 0.95 of it, or of
/// an oblong picture 0.9…1 of the longer side. pixray zooms into a copy that was pooled to CLIP's
/// size first; here the picture itself is read.
package struct PixrayCutouts: CutoutMethod {
  package let name = "pixray"

  package init() {}

  package func cutouts(
    of picture: Tensor, _ configuration: CutoutConfiguration, side: Int, _ draws: CutoutDraws
  ) -> Tensor {
    let zooms = 3 * draws.total / 5
    let jitter = JitterAugmentation(probability: 0.8, light: 0, color: 0.1)
    let parts = [
      draws.limited(to: 0..<zooms).map { draws in
        configuration.augmented(
          draws, by: [PerspectiveAugmentation(probability: 0.7, strength: 0.4), jitter]
        ) {
          picture.cropped(
            to: Self.zoom(picture, draws), side: side, filter: AntialiasedBicubic())
        }
      },
      draws.limited(to: zooms..<draws.total).map { draws in
        let perspective = PerspectiveAugmentation(probability: 0.7, strength: 0.2, padding: .border)
        return configuration.augmented(draws, by: [perspective, jitter]) {
          picture.cropped(to: Self.wide(picture, draws), side: side, on: draws.grey)
        }
      },
    ].compactMap { $0 }
    return parts.dropFirst().reduce(parts[0]) { $0.concatenated(with: $1, axis: 0) }
  }

  private static func zoom(_ picture: Tensor, _ draws: CutoutDraws) -> CropBoxes {
    let (pictureHeight, pictureWidth) = (Float(picture.shape[1]), Float(picture.shape[2]))
    let shorter = min(pictureHeight, pictureWidth)
    let size = draws.uniform(.size, columns: 2)
    let area = size[0].spread(over: 0.25...0.95) * (shorter * shorter)
    let ratio = size[1].spread(over: Float.log(0.85)...Float.log(1.2)).exponential()
    func length(_ square: Tensor, _ extent: Float) -> Tensor {
      square.squareRoot().minimum(square.fullLike(extent))
    }
    let (width, height) = (length(area * ratio, pictureWidth), length(area / ratio, pictureHeight))
    let place = draws.uniform(.place, columns: 2)
    return CropBoxes(
      left: place[0] * (pictureWidth - width), top: place[1] * (pictureHeight - height),
      width: width, height: height)
  }

  private static func wide(_ picture: Tensor, _ draws: CutoutDraws) -> CropBoxes {
    let (height, width) = (Float(picture.shape[1]), Float(picture.shape[2]))
    let scale = draws.uniform(.size, columns: 1)[0]
      .spread(over: height == width ? 0.95...0.95 : 0.9...1)
    let size = max(height, width) / scale
    // The picture's middle moves by up to half of the grey, but not across an oblong picture.
    let place = draws.uniform(.place, columns: 2).map { $0.spread(around: 0.5) }
    func start(_ extent: Float, _ other: Float, _ place: Tensor) -> Tensor {
      let grey = size - extent
      let move = height == width || extent < other ? place * grey : place * 0
      return -0.5 * grey + move
    }
    return CropBoxes(
      left: start(width, height, place[0]), top: start(height, width, place[1]), size: size)
  }
}
