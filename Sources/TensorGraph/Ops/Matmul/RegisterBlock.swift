/// The block of outputs one work-item of a CPU kernel keeps in registers: `rows` × 16·`vectors`
/// (see `common/register_block.cl`).
///
/// The right operand is read as panels of that many columns, so that a block streams through
/// contiguous memory.
package struct RegisterBlock {
  package let rows: Int
  package let vectors: Int

  /// 12×32 fp32 accumulators, two vectors of the right operand and one of the left fill the 32
  /// vector registers of AVX-512; fewer where the product is smaller.
  package init(rows: Int, columns: Int, maxRows: Int = 12, maxVectors: Int = 2) {
    // A few even blocks waste less than full ones and a remainder; of many blocks it is a detail
    // not worth another program.
    let blocks = (rows + maxRows - 1) / maxRows
    self.rows = blocks > 8 ? maxRows : (rows + blocks - 1) / blocks
    self.vectors = columns <= 16 ? 1 : maxVectors
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
  }

  /// Panels of a row-major matrix, or batch of them, of `rows` × `columns`.
  ///
  /// - Parameters:
  ///   - transposed: whether the matrix is stored as `columns` × `rows`.
  ///   - packed: whether to copy it even where it could be read in place.
  ///   - scalar: what it is stored as.
  package func panels(
    rows: Int, columns: Int, transposed: Bool, batches: Int, packed: Bool, storing scalar: ScalarType
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
      preparation: Preparation(pack, type: TensorType([batches, count, rows, self.columns], scalar)),
      panelStride: rows * self.columns, rowStride: self.columns,
      batchStride: count * rows * self.columns)
  }
}

/// The tile of outputs a work-group of a GPU kernel computes: `group`² work-items, each with
/// `work`² outputs in registers (see `common/tile.cl`).
package struct WorkGroupTile {
  package let group: Int
  package let work: Int

  /// The largest tile that still gives every compute unit something to do.
  package init(rows: Int, columns: Int, batches: Int, device: DeviceTraits) {
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

  package var side: Int { group * work }
  package var defines: [String: Int] { ["GROUP": group, "WORK": work] }
  package var local: [Int] { [group, group] }

  /// Columns vary fastest, so that neighbouring work-groups share rows of the left operand.
  package func global(rows: Int, columns: Int) -> [Int] {
    [columns, rows].map { ($0 + side - 1) / side * group }
  }
}
