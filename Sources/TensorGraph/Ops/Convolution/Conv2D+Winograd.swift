extension Conv2D {
  /// 3×3 convolutions of stride 1 by Winograd's F(4×4, 3×3): a quarter of the multiplications, in
  /// fp32 about ten times the rounding error (docs/kernels.md). For CPUs.
  ///
  /// The weight is transformed in every step: that takes a few hundredths of the convolution, where
  /// keeping the result would take four times the weight's memory.
  var winograd: KernelVariant {
    KernelVariant("conv2d_winograd", appliesEpilogue: true) { context in
      isWinograd(context)
    } candidates: {
      WinogradBlock.candidates(outputs: $0.output.shape[3])
    } plan: { context in
      let (x, w, y) = (context.inputs[0].shape, context.inputs[1].shape, context.output.shape)
      let tiles = tileCount(y)
      let block = WinogradBlock(
        tiles: tiles, outputs: w[3], units: context.device.computeUnits,
        settings: context.settings)
      let transform = KernelLaunch(
        "conv2d_winograd_weight", defines: ["VECTORS": block.vectors],
        arguments: [.input(1), .scratch(0), .int(w[2]), .int(w[3])],
        global: [w[2] / 16, w[3] / block.columns], local: [1, 1])
      let convolve = KernelLaunch(
        "conv2d_winograd", defines: block.defines,
        arguments: [
          .input(0), .scratch(0), .output, .scratch(1), .int(x[1]), .int(x[2]), .int(x[3]),
          .int(y[1]), .int(y[2]), .int(y[3]), .int(geometry.padding.top),
          .int(geometry.padding.left), .int(tiles),
        ],
        global: [block.shares], local: [1])
      return KernelPlan(
        [transform, convolve],
        scratch: [
          4 * WinogradBlock.places * w[2] * w[3],
          4 * block.shares * WinogradBlock.places * block.rows * (w[2] + block.columns),
        ],
        flops: winogradOperations(tiles: tiles, weight: w))
    }
  }

  /// The same for images of so few tiles that writing and reading the transformed weight would take
  /// as long as the products: each core transforms what it multiplies with, panel by panel. All
  /// tiles are transformed before.
  var winogradPanels: KernelVariant {
    KernelVariant("conv2d_winograd_panels", appliesEpilogue: true) { context in
      let y = context.output.shape
      return isWinograd(context) && tileCount(y) <= 256
        && y[3] / WinogradBlock.columns(outputs: y[3]) >= context.device.computeUnits
    } candidates: {
      WinogradBlock.candidates(outputs: $0.output.shape[3])
    } plan: { context in
      let (x, w, y) = (context.inputs[0].shape, context.inputs[1].shape, context.output.shape)
      let tiles = tileCount(y)
      let vectors = context.settings["VECTORS"] ?? WinogradBlock.vectors(outputs: w[3])
      // Blocks of at most 8 tiles, as even as they come.
      let blocks = (tiles + 7) / 8
      let rows = context.settings["ROWS"] ?? (tiles + blocks - 1) / blocks
      let allRows = (tiles + rows - 1) / rows * rows
      let columns = 16 * vectors
      let shares = min(4 * context.device.computeUnits, w[3] / columns)
      let transform = KernelLaunch(
        "conv2d_winograd_pixels",
        arguments: [
          .input(0), .scratch(0), .int(x[1]), .int(x[2]), .int(x[3]), .int(y[1]), .int(y[2]),
          .int(geometry.padding.top), .int(geometry.padding.left), .int(tiles),
        ],
        global: [allRows], local: [1])
      let convolve = KernelLaunch(
        "conv2d_winograd_panels", defines: ["ROWS": rows, "VECTORS": vectors],
        arguments: [
          .scratch(0), .input(1), .output, .scratch(1), .int(w[2]), .int(y[1]), .int(y[2]),
          .int(y[3]), .int(tiles),
        ],
        global: [shares], local: [1])
      return KernelPlan(
        [transform, convolve],
        scratch: [
          // Pixels; the weight of 16 channels, and products. A place of either has 16 floats more.
          4 * WinogradBlock.places * (16 * allRows + 16) * w[2] / 16,
          4 * shares * WinogradBlock.places * (16 * columns + 16 + allRows * columns),
        ],
        flops: winogradOperations(tiles: tiles, weight: w))
    }
  }

  private func isWinograd(_ context: KernelContext) -> Bool {
    let (w, y) = (context.inputs[1].shape, context.output.shape)
    return context.device.deviceClass == .cpu && w[0] == 3 && w[1] == 3 && w[2] % 16 == 0
      && w[3] % 16 == 0 && geometry.stride.area == 1 && geometry.dilation.area == 1
      && y[1] >= 4 && y[2] >= 4
  }

  private func tileCount(_ y: Shape) -> Int { y[0] * ((y[1] + 3) / 4) * ((y[2] + 3) / 4) }

  /// Products, then the transforms of pixels, sums and weights.
  private func winogradOperations(tiles: Int, weight w: Shape) -> Int {
    2 * WinogradBlock.places * tiles * w[2] * w[3] + 300 * tiles * (w[2] + w[3])
      + 200 * w[2] * w[3]
  }
}

/// How a CPU shares out the tiles of a Winograd convolution.
private struct WinogradBlock {
  /// Products of a tile of 4×4 outputs: 6×6.
  static let places = 36

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
