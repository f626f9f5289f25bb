/// The tiles of a convolution by Winograd's F(6×6, 3×3) or F(4×4, 3×3), or by F(5×5, 2×2) on four
/// phases (`common/winograd.cl`).
package struct WinogradTiles {
  /// So many tiles of 6 pixels that their products with a panel of the weight about fit into a
  /// core's cache.
  static let few = 256

  /// Pixels of a tile along a side: 6, or 8 where tiles are more than few and that takes fewer
  /// products.
  package let side: Int
  /// Along a side, of the image and of the output.
  package let inPhases: Int
  package let outPhases: Int
  /// Pixels of the image that the first tile begins before it, and of the output.
  package let padding: Padding
  package let shift: Sides
  package let high: Int
  package let wide: Int
  package let count: Int

  package var phases: Int { inPhases * outPhases }
  /// Products of a tile, for each pair of channels.
  package var places: Int { side * side }

  /// Tiles that are computed together where they come in strips: at most ``few``, as even as they are.
  package var stripCount: Int {
    let strips = (count + Self.few - 1) / Self.few
    return (count + strips - 1) / strips
  }

  /// Nil unless it is such a convolution, of channels in whole vectors.
  package init?(_ geometry: ConvolutionGeometry, image x: Shape, kernel w: Shape, output y: Shape) {
    let (stride, dilation) = (geometry.stride, geometry.dilation)
    switch (w[0], w[1], stride.height, stride.width, dilation.height, dilation.width) {
    case (3, 3, 1, 1, 1, 1): (inPhases, outPhases) = (1, 1)
    case (4, 4, 2, 2, 1, 1): (inPhases, outPhases) = (2, 1)
    case (4, 4, 1, 1, 2, 2): (inPhases, outPhases) = (1, 2)
    default: return nil
    }
    guard w[2] % 16 == 0, w[3] % 16 == 0, y[1] >= 4, y[2] >= 4 else { return nil }
    let (top, left) = (geometry.padding.top, geometry.padding.left)
    if outPhases == 2 {
      // Such that the first tap that a phase of the output reads is one of the kernel's first two.
      padding = Padding(top: top >> 1, bottom: 0, left: left >> 1, right: 0)
      shift = Sides(1 - top + 2 * padding.top, 1 - left + 2 * padding.left)
    } else {
      padding = geometry.padding
      shift = Sides(0, 0)
    }
    let (height, width) = (y[1] + shift.height, y[2] + shift.width)
    func tiles(_ span: Int) -> (high: Int, wide: Int) {
      ((height + span - 1) / span, (width + span - 1) / span)
    }
    if inPhases * outPhases == 1 {
      let (small, large) = (tiles(4), tiles(6))
      let count = y[0] * small.high * small.wide
      side = count > Self.few && 64 * y[0] * large.high * large.wide < 36 * count ? 8 : 6
      (high, wide) = side == 8 ? large : small
    } else {
      side = 6
      (high, wide) = tiles(5 * outPhases)
    }
    count = y[0] * high * wide
  }

  init?(_ geometry: ConvolutionGeometry, _ context: KernelContext) {
    self.init(
      geometry, image: context.inputs[0].shape, kernel: context.inputs[1].shape,
      output: context.output.shape)
  }

  var defines: [String: Int] {
    ["TILE_IN": side, "IN_PHASES": inPhases, "OUT_PHASES": outPhases]
  }
}
