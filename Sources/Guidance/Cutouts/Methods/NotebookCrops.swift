import TensorGraph

extension CropBoxes {
  /// Squares of whole pixels as nerdyrodent/VQGAN-CLIP draws them: the size is
  /// ⌊u^power·(most − least) + least⌋ for most the picture's shorter side and least a cutout's side, or
  /// the shorter side where that is less; the place is any.
  package static func notebook(
    in picture: Tensor, side: Int, power: Float, _ draws: CutoutDraws
  ) -> CropBoxes {
    let (height, width) = (picture.shape[1], picture.shape[2])
    let shorter = min(height, width)
    let size = draws.uniform(.size, columns: 1)[0].raised(to: power)
      .spread(over: Float(min(shorter, side))...Float(shorter)).floor()
    let place = draws.uniform(.place, columns: 2)
    return CropBoxes(
      left: (place[0] * (Float(width + 1) - size)).floor(),
      top: (place[1] * (Float(height + 1) - size)).floor(), size: size)
  }
}

extension Tensor {
  /// Crops of this picture [1,H,W,3] as the notebooks without pooling make them, [n,side,side,3].
  func notebookCrops(side: Int, power: Float, _ draws: CutoutDraws) -> Tensor {
    let boxes = CropBoxes.notebook(in: self, side: side, power: power, draws)
    return cropped(to: boxes, side: side, filter: LanczosBicubic())
  }
}
