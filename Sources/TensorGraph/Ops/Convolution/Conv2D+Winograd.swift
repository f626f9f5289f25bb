extension Conv2D {
  /// 3×3 convolutions of stride 1 by Winograd's F(6×6, 3×3) or F(4×4, 3×3): a fifth or a quarter of
  /// the multiplications, in fp32 about ten times the rounding error (docs/kernels.md). For CPUs.
  ///
  /// The weight is transformed in every step: that takes a few hundredths of the convolution, where
  /// keeping the result would take four times the weight's memory.
  var winograd: KernelVariant {
    KernelVariant("conv2d_winograd", appliesEpilogue: true, storage: .matchingInputs) { context in
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
          .input(0), .scratch(0), .output, .scratch(1), .scratch(2), .int(x[1]), .int(x[2]),
          .int(x[3]), .int(y[1]), .int(y[2]), .int(y[3]), .int(geometry.padding.top),
          .int(geometry.padding.left), .int(tiles.count),
        ],
        global: [block.workItems], local: [1])
      return KernelPlan(
        [transform, .beginPieces(.scratch(2)), convolve],
        scratch: [
          4 * tiles.places * w[2] * w[3],
          4 * block.workItems * tiles.places * block.rows * (w[2] + block.columns), 4,
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
    KernelVariant(
      "conv2d_winograd_panels", appliesEpilogue: true, storage: .matchingInputs
    ) { context in
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
      let stripTiles = tiles.stripCount
      let vectors = context.settings["VECTORS"] ?? WinogradBlock.vectors(outputs: w[3])
      // Blocks of at most 8 tiles, as even as they come.
      let blocks = (stripTiles + 7) / 8
      let rows = context.settings["ROWS"] ?? (stripTiles + blocks - 1) / blocks
      let columns = 16 * vectors
      let channels = tiles.inPhases * tiles.inPhases * w[2]
      let workItems = min(
        context.device.computeUnits, tiles.outPhases * tiles.outPhases * w[3] / columns)
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
          .beginPieces(.scratch(2)),
          KernelLaunch(
            "conv2d_winograd_panels",
            defines: tiles.defines.merging(["ROWS": rows, "VECTORS": vectors]) { $1 },
            arguments: [
              .scratch(0), .input(1), .output, .scratch(1), .scratch(2), .int(w[2]), .int(y[1]),
              .int(y[2]), .int(y[3]), .int(tiles.high), .int(tiles.wide),
              .int(tiles.shift.height), .int(tiles.shift.width), .int(first), .int(count),
            ],
            global: [workItems], local: [1]),
        ]
      }
      let allRows = (stripTiles + rows - 1) / rows * rows
      return KernelPlan(
        launches,
        scratch: [
          // Pixels; the weight of 16 channels, and products. A place of either has 16 floats more.
          4 * tiles.places * (16 * allRows + 16) * channels / 16,
          4 * workItems * tiles.places * (16 * columns + 16 + allRows * columns), 4,
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

/// How a CPU shares out the tiles of a Winograd convolution.
private struct WinogradBlock {
  /// Tiles of a block, whose pixels and products stay in a core's cache.
  let rows: Int
  let vectors: Int
  /// Each with scratch for one block.
  let workItems: Int

  init(tiles: Int, outputs: Int, units: Int, settings: [String: Int]) {
    // A few blocks are shared out evenly.
    var blocks = (tiles + 11) / 12
    if blocks < 8 * units { blocks = (blocks + units - 1) / units * units }
    rows = settings["ROWS"] ?? (tiles + blocks - 1) / blocks
    vectors = settings["VECTORS"] ?? Self.vectors(outputs: outputs)
    workItems = min(units, (tiles + rows - 1) / rows)
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
