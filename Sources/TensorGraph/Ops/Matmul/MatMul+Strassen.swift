extension MatMul {
  /// Large products by one level of Strassen's algorithm, in Winograd's form: seven products of
  /// blocks for eight. For CPUs.
  ///
  /// Operands are read as they are: sums of blocks, and panels of them, are made in the caches. So a
  /// weight that is read forward and backward is held once. Source: Strassen, "Gaussian Elimination
  /// is not Optimal", 1969; Winograd, "On multiplication of 2 × 2 matrices", 1971.
  var strassen: KernelVariant {
    KernelVariant(
      "matmul_strassen", appliesEpilogue: true, storage: .matchingInputs
    ) { context in
      let e = extents(context.inputs[0].shape, context.inputs[1].shape)
      return context.device.deviceClass == .cpu && !transposeA && e.batch == 1
        && e.m >= StrassenTile.leastRows
        && StrassenTile(e, device: context.device, settings: [:]) != nil
    } candidates: {
      StrassenTile.candidates(extents($0.inputs[0].shape, $0.inputs[1].shape), device: $0.device)
    } plan: { context in
      let e = extents(context.inputs[0].shape, context.inputs[1].shape)
      let tile = StrassenTile(e, device: context.device, settings: context.settings)!
      // So many that a slow core does not hold up the others.
      let groupPieces = tile.pieces(2 * context.device.computeUnits)
      let mostTiles = (tile.rowTiles + groupPieces - 1) / groupPieces
      let workItems = min(context.device.computeUnits, tile.groups * groupPieces)
      let multiply = KernelLaunch(
        "matmul_strassen", defines: tile.defines,
        arguments: [
          .input(0), .input(1), .output, .scratch(0), .scratch(1), .int(e.m), .int(e.n), .int(e.k),
          .int(e.k), .int(transposeB ? 1 : e.n), .int(transposeB ? e.k : 1), .int(groupPieces),
          .int(mostTiles),
        ],
        global: [workItems], local: [1])
      return KernelPlan(
        [.beginPieces(.scratch(1)), multiply],
        scratch: [4 * workItems * (tile.sums + mostTiles * tile.group), 4],
        // Seven eighths of the products' 2·M·N·K.
        flops: 7 * e.m * e.n * e.k / 4)
    }
  }
}

/// How a CPU shares out a product by Strassen's algorithm (see `matmul_strassen.cl`).
private struct StrassenTile {
  /// Fewer rows do not repay the sums of columns.
  static let leastRows = 256

  /// A register block, of which a tile has 2×2.
  let block: (rows: Int, vectors: Int)
  /// Steps of a block.
  let depth: Int
  /// Tiles of a group, side by side.
  let pairs: Int
  /// Tiles below each other, and groups beside each other.
  let rowTiles: Int
  let groups: Int

  /// The best candidate, or what the settings say; nil where the extents are no multiples.
  init?(_ e: MatMul.Extents, device: DeviceTraits, settings: [String: Int]) {
    let choice = settings.isEmpty ? Self.candidates(e, device: device).first : settings
    guard let depth = choice?["DEPTH"], let pairs = choice?["PAIRS"] else { return nil }
    block = Self.block(e, device: device)
    (self.depth, self.pairs) = (depth, pairs)
    rowTiles = (e.m + 2 * block.rows - 1) / (2 * block.rows)
    groups = e.n / (2 * 16 * block.vectors * pairs)
  }

  /// Intel's cores begin two products a cycle, and few other instructions beside them: their block
  /// takes the fewest loads, 10 for 24 products where 12×32 takes 14.
  static func block(_ e: MatMul.Extents, device: DeviceTraits) -> (rows: Int, vectors: Int) {
    let block = RegisterBlock.largest(device)
    let isWide =
      device.registerFloats >= 512 && device.vendor.contains("Intel") && e.n % 128 == 0
    return isWide ? (6, 4) : block
  }

  /// A block of the right operand is at most as large as a core's first cache. The sums of a
  /// group's columns stay in the second, 1 MB where vectors are long and 0.5 MB where they are not:
  /// the more of it they take, the fewer other sums are made.
  static func candidates(_ e: MatMul.Extents, device: DeviceTraits) -> [[String: Int]] {
    let columns = 16 * block(e, device: device).vectors
    let mostBytes = columns > 16 ? 540_000 : 350_000
    let longest = min(192, 8192 / columns)
    var groups: [(depth: Int, pairs: Int)] = []
    for depth in stride(from: longest, through: 64, by: -32) where e.k % (2 * depth) == 0 {
      for pairs in stride(from: 4, through: 1, by: -1)
      where e.n % (2 * columns * pairs) == 0 && 4 * 7 * pairs * depth * columns <= mostBytes {
        groups.append((depth, pairs))
      }
    }
    // Of two equal sums, those of longer blocks.
    groups.sort { ($0.pairs * $0.depth, $0.depth) > ($1.pairs * $1.depth, $1.depth) }
    return groups.map { ["DEPTH": $0.depth, "PAIRS": $0.pairs] }
  }

  var defines: [String: Int] {
    ["ROWS": block.rows, "VECTORS": block.vectors, "DEPTH": depth, "PAIRS": pairs]
  }

  /// Rows for which the sums of columns are made once: more would take memory.
  var mostRows: Int { block.vectors > 1 ? 1728 : 864 }

  /// Pieces of a group that make `count` or more of the whole product.
  func pieces(_ count: Int) -> Int {
    let mostTiles = mostRows / (2 * block.rows)
    let fewest = (rowTiles + mostTiles - 1) / mostTiles
    return min(max(fewest, (count + groups - 1) / groups), rowTiles)
  }

  /// Floats of the sums of a work-item, and of the tiles of a group.
  var sums: Int { 7 * (block.rows * (depth + 16) + pairs * depth * 16 * block.vectors) }
  var group: Int { pairs * 4 * block.rows * 16 * block.vectors }
}
