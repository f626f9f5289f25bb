/// The block of outputs one work-item of a CPU kernel keeps in registers: `rows` × 16·`vectors`
/// (see `common/register_block.cl`).
///
/// The right operand is read as panels of that many columns, so that a block streams through
/// contiguous memory.
package struct RegisterBlock {
  package let rows: Int
  package let vectors: Int

  /// The block that fills a device's vector registers, with a row of the right operand and a value
  /// of the left: 12×32 of the 32 registers of AVX-512, 6×16 of the 16 half as long of AVX2.
  package static func largest(_ device: DeviceTraits) -> (rows: Int, vectors: Int) {
    device.registerFloats >= 512 ? (12, 2) : (6, 1)
  }

  /// The largest block, or fewer rows and vectors where the product is smaller.
  /// - Parameters:
  ///   - most: rows and vectors that registers hold, as ``largest(_:)`` says.
  ///   - rowStride: elements from one row of the left operand to the next. Rows that lie whole pages
  ///     apart fall into the same lines of a core's first cache, which holds eight of them: six rows
  ///     are kept then, and 64 columns.
  ///   - settings: `ROWS` and `VECTORS` of the block if it was tuned.
  package init(
    rows: Int, columns: Int, most: (rows: Int, vectors: Int), rowStride: Int = 1,
    settings: [String: Int]
  ) {
    if let rows = settings["ROWS"], let vectors = settings["VECTORS"] {
      (self.rows, self.vectors) = (rows, vectors)
      return
    }
    if rowStride % 1024 == 0, rows >= 64, columns >= 64, most.rows > 6 {
      (self.rows, vectors) = (6, 4)
      return
    }
    // A few even blocks waste less than full ones and a remainder; of many blocks it is a detail
    // not worth another program.
    let blocks = (rows + most.rows - 1) / most.rows
    self.rows = blocks > 8 ? most.rows : (rows + blocks - 1) / blocks
    self.vectors = columns <= 16 ? 1 : most.vectors
  }

  /// Blocks that fit into the 32 registers of AVX-512; where a device has fewer they are computed in
  /// parts.
  package static let candidates = settings { $0 * $1 + $1 + 1 <= 32 }

  /// Settings of blocks of 2 to 14 rows and 1 to 4 vectors.
  package static func settings(
    where fits: (_ rows: Int, _ vectors: Int) -> Bool
  ) -> [[String: Int]] {
    stride(from: 2, through: 14, by: 2).flatMap { rows in
      (1...4).filter { fits(rows, $0) }.map { ["ROWS": rows, "VECTORS": $0] }
    }
  }

  package var columns: Int { 16 * vectors }
  package var defines: [String: Int] { ["ROWS": rows, "VECTORS": vectors] }

  package func rowBlocks(_ count: Int) -> Int { (count + rows - 1) / rows }
  package func columnBlocks(_ count: Int) -> Int { (count + columns - 1) / columns }

  /// A right operand as panels.
  package struct Panels {
    /// What copies it into panels; nil where it is read in place.
    package var preparation: Preparation?
    /// Elements from one panel, row or matrix of a batch to the next.
    package var panelStride: Int
    package var rowStride: Int
    package var batchStride: Int

    /// What ``KernelPlan/prepared`` says of a kernel whose right operand is input 1.
    package var prepared: [Int: Preparation] { preparation.map { [1: $0] } ?? [:] }
  }

  /// Panels of a row-major matrix, or batch of them, of `rows` × `columns`.
  ///
  /// - Parameters:
  ///   - transposed: whether the matrix is stored as `columns` × `rows`.
  ///   - packed: whether to copy it even where it could be read in place.
  ///   - scalar: what it is stored as.
  package func panels(
    rows: Int, columns: Int, transposed: Bool, batches: Int, packed: Bool,
    storing scalar: ScalarType
  ) -> Panels {
    if !packed, !transposed, columns % self.columns == 0 {
      return Panels(
        panelStride: self.columns, rowStride: columns, batchStride: rows * columns)
    }
    let count = columnBlocks(columns)
    let pack = KernelLaunch(
      "matmul_pack_panels", defines: ["VECTORS": vectors],
      arguments: [
        .input(0), .output, .int(rows), .int(columns),
        .int(transposed ? 1 : columns), .int(transposed ? rows : 1),
      ],
      global: [(rows + 15) / 16, count, batches], local: [1, 1, 1])
    return Panels(
      preparation: Preparation(
        pack, type: TensorType([batches, count, rows, self.columns], scalar)),
      panelStride: rows * self.columns, rowStride: self.columns,
      batchStride: count * rows * self.columns)
  }
}

/// The tile of outputs a work-group of a GPU kernel computes: `group`² work-items, each with
/// `work`² outputs in registers (see `common/tile.cl`).
package struct WorkGroupTile {
  package let group: Int
  package let work: Int
  /// Length of the contracted axis held in local memory at a time.
  package let slab: Int

  /// The largest tile that still gives every compute unit something to do.
  /// - Parameter settings: `GROUP`, `WORK` and `SLAB` if the tile was tuned.
  package init(
    rows: Int, columns: Int, batches: Int, device: DeviceTraits, settings: [String: Int]
  ) {
    slab = settings["SLAB"] ?? 16
    if let group = settings["GROUP"], let work = settings["WORK"] {
      (self.group, self.work) = (group, work)
      return
    }
    guard device.maxWorkGroupSize >= 256 else {
      (group, work) = (8, 4)
      return
    }
    func groups(_ side: Int) -> Int {
      (rows + side - 1) / side * ((columns + side - 1) / side) * batches
    }
    if groups(128) >= 2 * device.computeUnits, min(rows, columns) > 64 {
      (group, work) = (16, 8)
    } else if groups(64) >= device.computeUnits, min(rows, columns) > 32 {
      (group, work) = (16, 4)
    } else {
      (group, work) = (8, 4)
    }
  }

  /// Tiles whose work-groups and slabs the device can hold.
  package static func candidates(_ device: DeviceTraits) -> [[String: Int]] {
    let all = [8, 16].flatMap { group in
      [4, 8].flatMap { work in [8, 16, 32].map { (group: group, work: work, slab: $0) } }
    }
    return all.filter {
      $0.group * $0.group <= device.maxWorkGroupSize
        && 2 * $0.slab * ($0.group * $0.work + 4) * 4 <= device.localMemoryBytes
    }.map { ["GROUP": $0.group, "WORK": $0.work, "SLAB": $0.slab] }
  }

  package var side: Int { group * work }
  package var defines: [String: Int] { ["GROUP": group, "WORK": work, "SLAB": slab] }
  package var local: [Int] { [group, group] }

  /// The index space of `batches` matrices: all tiles of one along dimension 0, as NVIDIA's cards take
  /// no more than 65,535 work-groups along others (CUDA C++ Programming Guide, "Technical
  /// Specifications per Compute Capability").
  package func global(rows: Int, columns: Int, batches: Int) -> [Int] {
    let tiles = [rows, columns].map { ($0 + side - 1) / side }
    return [tiles[0] * tiles[1] * group, batches * group]
  }
}
