extension Conv2D {
  /// 3×3 convolutions of stride 1 by Winograd's F(6×6, 3×3) or F(4×4, 3×3): a fifth or a quarter of
  /// the multiplications, in fp32 about ten times the rounding error (docs/kernels.md). For CPUs.
  ///
  /// The weight is transformed in every step: that takes a few hundredths of the convolution, where
  /// keeping the result would take four times the weight's memory.
  var winograd: KernelVariant {
    KernelVariant("conv2d_winograd", appliesEpilogue: true) { context in
      context.device.deviceClass == .cpu && WinogradTiles(geometry, context)?.phases == 1
    } candidates: {
      WinogradBlock.candidates(outputs: $0.output.shape[3])
    } plan: { context in
      let (x, w, y) = (context.inputs[0].shape, context.inputs[1].shape, context.output.shape)
      let tiles = WinogradTiles(geometry, context)!
      let block = WinogradBlock(
        tiles: tiles.count, outputs: w[3], units: context.device.computeUnits,
        settings: context.settings)
      let transform = KernelLaunch(
        "conv2d_winograd_weight",
        defines: tiles.defines.merging(["VECTORS": block.vectors]) { $1 },
        arguments: [.input(1), .scratch(0), .int(w[2]), .int(w[3])],
        global: [w[2] / 16, w[3] / block.columns], local: [1, 1])
      let convolve = KernelLaunch(
        "conv2d_winograd", defines: tiles.defines.merging(block.defines) { $1 },
        arguments: [
          .input(0), .scratch(0), .output, .scratch(1), .int(x[1]), .int(x[2]), .int(x[3]),
          .int(y[1]), .int(y[2]), .int(y[3]), .int(geometry.padding.top),
          .int(geometry.padding.left), .int(tiles.count),
        ],
        global: [block.shares], local: [1])
      return KernelPlan(
        [transform, convolve],
        scratch: [
          4 * tiles.places * w[2] * w[3],
          4 * block.shares * tiles.places * block.rows * (w[2] + block.columns),
        ],
        flops: winogradOperations(tiles: tiles, weight: w))
    }
  }

  /// The same for images of so few tiles that writing and reading the transformed weight would take
  /// as long as the products: each core transforms what it multiplies with, panel by panel. All
  /// tiles are transformed before.
  ///
  /// So are convolutions by 4×4 taps of dilated images or of stride 2, which are four by 2×2 taps,
  /// by F(5×5, 2×2), of as many tiles at a time as suit the caches.
  var winogradPanels: KernelVariant {
    KernelVariant("conv2d_winograd_panels", appliesEpilogue: true) { context in
      guard context.device.deviceClass == .cpu, let tiles = WinogradTiles(geometry, context) else {
        return false
      }
      let outputs = context.output.shape[3]
      return (tiles.phases > 1 || tiles.side == 6 && tiles.count <= WinogradTiles.few)
        && tiles.outPhases * tiles.outPhases * outputs / WinogradBlock.columns(outputs: outputs)
          >= context.device.computeUnits
    } candidates: {
      WinogradBlock.candidates(outputs: $0.output.shape[3])
    } plan: { context in
      let (x, w, y) = (context.inputs[0].shape, context.inputs[1].shape, context.output.shape)
      let tiles = WinogradTiles(geometry, context)!
      let strips = (tiles.count + WinogradTiles.few - 1) / WinogradTiles.few
      let stripTiles = (tiles.count + strips - 1) / strips
      let vectors = context.settings["VECTORS"] ?? WinogradBlock.vectors(outputs: w[3])
      // Blocks of at most 8 tiles, as even as they come.
      let blocks = (stripTiles + 7) / 8
      let rows = context.settings["ROWS"] ?? (stripTiles + blocks - 1) / blocks
      let columns = 16 * vectors
      let channels = tiles.inPhases * tiles.inPhases * w[2]
      let shares = min(
        4 * context.device.computeUnits, tiles.outPhases * tiles.outPhases * w[3] / columns)
      let launches = stride(from: 0, to: tiles.count, by: stripTiles).flatMap { first in
        let count = min(stripTiles, tiles.count - first)
        return [
          KernelLaunch(
            "conv2d_winograd_pixels", defines: tiles.defines,
            arguments: [
              .input(0), .scratch(0), .int(x[1]), .int(x[2]), .int(x[3]), .int(tiles.high),
              .int(tiles.wide), .int(tiles.padding.top), .int(tiles.padding.left), .int(first),
              .int(count),
            ],
            global: [(count + rows - 1) / rows * rows], local: [1]),
          KernelLaunch(
            "conv2d_winograd_panels",
            defines: tiles.defines.merging(["ROWS": rows, "VECTORS": vectors]) { $1 },
            arguments: [
              .scratch(0), .input(1), .output, .scratch(1), .int(w[2]), .int(y[1]), .int(y[2]),
              .int(y[3]), .int(tiles.high), .int(tiles.wide), .int(tiles.shift.height),
              .int(tiles.shift.width), .int(first), .int(count),
            ],
            global: [shares], local: [1]),
        ]
      }
      let allRows = (stripTiles + rows - 1) / rows * rows
      return KernelPlan(
        launches,
        scratch: [
          // Pixels; the weight of 16 channels, and products. A place of either has 16 floats more.
          4 * tiles.places * (16 * allRows + 16) * channels / 16,
          4 * shares * tiles.places * (16 * columns + 16 + allRows * columns),
        ],
        flops: winogradOperations(tiles: tiles, weight: w))
    }
  }

  /// Products, then the transforms of pixels, sums and weights.
  private func winogradOperations(tiles: WinogradTiles, weight w: Shape) -> Int {
    let (inputs, outputs) = (tiles.inPhases * tiles.inPhases, tiles.outPhases * tiles.outPhases)
    return 2 * tiles.places * tiles.count * inputs * outputs * w[2] * w[3]
      + 300 * tiles.count * (inputs * w[2] + outputs * w[3])
      + 200 * inputs * outputs * w[2] * w[3]
  }
}

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

/// How a CPU shares out the tiles of a Winograd convolution.
private struct WinogradBlock {
  /// Tiles of a block, whose pixels and products stay in a core's cache.
  let rows: Int
  let vectors: Int
  /// Work-items, each with scratch for one block.
  let shares: Int

  init(tiles: Int, outputs: Int, units: Int, settings: [String: Int]) {
    // A few blocks are shared out evenly.
    var blocks = (tiles + 11) / 12
    if blocks < 8 * units { blocks = (blocks + units - 1) / units * units }
    rows = settings["ROWS"] ?? (tiles + blocks - 1) / blocks
    vectors = settings["VECTORS"] ?? Self.vectors(outputs: outputs)
    shares = min(4 * units, (tiles + rows - 1) / rows)
  }

  static func vectors(outputs: Int) -> Int { outputs % 32 == 0 ? 2 : 1 }
  static func columns(outputs: Int) -> Int { 16 * vectors(outputs: outputs) }

  static func candidates(outputs: Int) -> [[String: Int]] {
    RegisterBlock.settings { rows, vectors in
      rows >= 4 && vectors <= 3 && outputs % (16 * vectors) == 0
        && rows * vectors + vectors + 1 <= 32
    }
  }

  var columns: Int { 16 * vectors }
  var defines: [String: Int] { ["ROWS": rows, "VECTORS": vectors] }
}
