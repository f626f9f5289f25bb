import CHostKernels
import TensorGraph

/// ``Attention`` or its gradients, block by block: scores are never stored.
package final class HostAttention: HostPrimitive {
  private enum Result {
    case output, logSumExp, gradients
  }

  private let result: Result
  private let shape: tessera_attention_shape
  private let extents: AttentionExtents

  /// Nil unless `op` is one of them.
  package init?(_ op: any Op, inputs: [TensorType]) {
    switch op {
    case is Attention: result = .output
    case is AttentionLogSumExp: result = .logSumExp
    case is AttentionGradient: result = .gradients
    default: return nil
    }
    guard let op = op as? any AttentionOp else { return nil }
    extents = AttentionExtents(inputs[0].shape, inputs[1].shape)
    shape = tessera_attention_shape(
      batch: Int64(extents.batch), queries: Int64(extents.queries), keys: Int64(extents.keys),
      heads: Int64(extents.heads), depth: Int64(extents.depth), scale: op.scale,
      causal: op.causal ? 1 : 0)
  }

  package func run(_ inputs: [HostTensor<Float>], into output: HostTensor<Float>) {
    var operands = tessera_attention_operands()
    operands.queries = UnsafePointer(inputs[0].pointer)
    operands.keys = UnsafePointer(inputs[1].pointer)
    if inputs.count > 2 { operands.values = UnsafePointer(inputs[2].pointer) }
    if inputs.count > 3 {
      operands.gradient = UnsafePointer(inputs[3].pointer)
      operands.log_sum = UnsafePointer(inputs[4].pointer)
      operands.mean = UnsafePointer(inputs[5].pointer)
    }
    withUnsafePointer(to: shape) { shape in
      withUnsafePointer(to: operands) { operands in
        if result == .gradients {
          computeGradients(shape, operands, output.pointer)
        } else {
          computeRows(shape, operands, output.pointer)
        }
      }
    }
  }

  /// Calls `body` with every sample and head, and each of the `parts` of either.
  private func forEach(
    _ parts: Int, scratch: Int, _ body: (Int64, Int64, Int, UnsafeMutablePointer<Float>) -> Void
  ) {
    WorkerPool.run(extents.batch * extents.heads * parts) { units in
      ScratchPool.withScratch(scratch) { scratch in
        for unit in units {
          let pair = unit / parts
          body(Int64(pair / extents.heads), Int64(pair % extents.heads), unit % parts, scratch)
        }
      }
    }
  }

  private func computeRows(
    _ shape: UnsafePointer<tessera_attention_shape>,
    _ operands: UnsafePointer<tessera_attention_operands>, _ output: UnsafeMutablePointer<Float>
  ) {
    let rows = Int(tessera_attention_block_rows(shape.pointee.queries))
    let scratch = tessera_attention_scratch_count(shape)
    forEach((extents.queries + rows - 1) / rows, scratch: scratch) { sample, head, block, scratch in
      let first = Int64(block * rows)
      switch result {
      case .logSumExp:
        tessera_attention_forward(shape, operands, sample, head, first, nil, output, scratch)
      default:
        tessera_attention_forward(shape, operands, sample, head, first, output, nil, scratch)
      }
    }
  }

  /// Shares of the keys' blocks are independent but for what they add to the queries' gradient. A
  /// head that is one share needs no memory for that but its thread's.
  private func computeGradients(
    _ shape: UnsafePointer<tessera_attention_shape>,
    _ operands: UnsafePointer<tessera_attention_operands>, _ output: UnsafeMutablePointer<Float>
  ) {
    let pairs = extents.batch * extents.heads
    let rows = Int(tessera_attention_block_rows(shape.pointee.keys))
    let blocks = (extents.keys + rows - 1) / rows
    let shares = AttentionGradient.shares(extents, blocks: blocks, units: WorkerPool.threads)
    let scratchCount = tessera_attention_scratch_count(shape)
    let partCount = Int(tessera_attention_query_part_count(shape))
    let gradKeys = output + pairs * extents.queries * extents.depth
    let gradValues = gradKeys + pairs * extents.keys * extents.depth
    func compute(
      _ sample: Int64, _ head: Int64, _ share: Int, _ part: UnsafeMutablePointer<Float>,
      _ scratch: UnsafeMutablePointer<Float>
    ) {
      let first = blocks * share / shares * rows
      let end = min(blocks * (share + 1) / shares * rows, extents.keys)
      tessera_attention_grad(
        shape, operands, sample, head, Int64(first), Int64(end), gradKeys, gradValues, part,
        scratch)
    }
    if shares == 1 {
      forEach(1, scratch: scratchCount + partCount) { sample, head, _, scratch in
        let part = scratch + scratchCount
        compute(sample, head, 0, part, scratch)
        tessera_attention_grad_query(shape, sample, head, part, 1, output)
      }
      return
    }
    ScratchPool.withScratch(pairs * shares * partCount) { parts in
      func part(_ sample: Int64, _ head: Int64, _ share: Int) -> UnsafeMutablePointer<Float> {
        parts + ((Int(sample) * extents.heads + Int(head)) * shares + share) * partCount
      }
      forEach(shares, scratch: scratchCount) { sample, head, share, scratch in
        compute(sample, head, share, part(sample, head, share), scratch)
      }
      forEach(1, scratch: 0) { sample, head, _, _ in
        tessera_attention_grad_query(
          shape, sample, head, part(sample, head, 0), Int64(shares), output)
      }
    }
  }
}
