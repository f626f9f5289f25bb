import CHostKernels
import TensorGraph

/// A large product with one matrix by a level of Strassen's algorithm: seven products of quarters in
/// place of eight. The matrix is taken as it is, stored either way.
package final class StrassenProduct: HostPrimitive {
  private let shape: tessera_strassen_shape

  /// Rows from which the sums of the right operand cost little beside the products.
  private static let fewestRows = 256

  /// Nil unless `op` is such a product of sizes that divide into tiles.
  /// - Parameter inWideBlocks: computes blocks of few rows and many columns where the sizes allow it.
  package init?(
    _ op: any Op, inputs: [TensorType],
    inWideBlocks: Bool = tessera_strassen_suits_wide_blocks() != 0
  ) {
    guard let op = op as? MatMul, !op.transposeA else { return nil }
    let (a, b) = (inputs[0].shape, inputs[1].shape)
    guard b.count == 2 || b[0] == 1 else { return nil }
    let extents = op.extents(a, b)
    // The rows of the whole batch are the rows of one matrix.
    let rows = a.dropLast().reduce(1, *)
    shape = tessera_strassen_shape(
      rows: Int64(rows), columns: Int64(extents.n), depth: Int64(extents.k),
      step_k: Int64(op.transposeB ? 1 : extents.n), step_n: Int64(op.transposeB ? extents.k : 1),
      threads: Int64(WorkerPool.threads), wide_blocks: inWideBlocks ? 1 : 0)
    let fits = withUnsafePointer(to: shape) { tessera_strassen_fits($0) } != 0
    guard fits, rows >= Self.fewestRows else { return nil }
  }

  package func run(_ inputs: [HostTensor<Float>], into output: HostTensor<Float>) {
    withUnsafePointer(to: shape) { shape in
      let scratch = tessera_strassen_scratch_count(shape)
      WorkerPool.run(Int(tessera_strassen_parts(shape))) { parts in
        ScratchPool.withScratch(scratch) { scratch in
          for part in parts {
            // The other threads take the ranges that follow this one.
            let next = part + 1 < parts.upperBound
              ? part + 1 : part + 1 + (WorkerPool.threads - 1) * parts.count
            tessera_strassen_part(
              shape, Int64(part), Int64(next), inputs[0].pointer, inputs[1].pointer,
              output.pointer, scratch)
          }
        }
      }
    }
  }
}
