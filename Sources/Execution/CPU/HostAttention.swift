import CHostKernels
import TensorGraph

/// ``Attention`` or its gradients, block by block: scores are never stored.
package final class HostAttention: HostPrimitive {
  private enum Result {
    case output, logSumExp, gradQuery, gradKey, gradValue
  }

  /// What is computed, one after the other in the output.
  private let results: [Result]
  private let shape: tessera_attention_shape

  /// Nil unless `op` is one of them.
  package init?(_ op: any Op, inputs: [TensorType]) {
    switch op {
    case is Attention: results = [.output]
    case is AttentionLogSumExp: results = [.logSumExp]
    case is AttentionGradient: results = [.gradQuery, .gradKey, .gradValue]
    default: return nil
    }
    guard let op = op as? any AttentionOp else { return nil }
    let extents = AttentionExtents(inputs[0].shape, inputs[1].shape)
    shape = tessera_attention_shape(
      batch: Int64(extents.batch), queries: Int64(extents.queries), keys: Int64(extents.keys),
      heads: Int64(extents.heads), depth: Int64(extents.depth), scale: op.scale,
      causal: op.causal ? 1 : 0)
  }

  package var preparedCount: Int? { nil }

  package func prepare(_ second: HostTensor<Float>, into prepared: HostTensor<Float>) {
    preconditionFailure("attention takes its keys as they are")
  }

  package func run(_ inputs: [HostTensor<Float>], into output: HostTensor<Float>) {
    var target = output.pointer
    for (index, result) in results.enumerated() {
      run(result, operands(inputs), into: target)
      target += inputs[min(index, 1)].count
    }
  }

  private func run(
    _ result: Result, _ operands: tessera_attention_operands,
    into output: UnsafeMutablePointer<Float>
  ) {
    let rows = result == .gradKey || result == .gradValue ? shape.keys : shape.queries
    let blockRows = tessera_attention_block_rows(rows)
    let blocks = Int((rows + blockRows - 1) / blockRows)
    let heads = Int(shape.heads)
    withUnsafePointer(to: shape) { shape in
      let scratch = tessera_attention_scratch_count(shape)
      WorkerPool.run(Int(shape.pointee.batch) * heads * blocks) { units in
        ScratchPool.withScratch(scratch) { scratch in
          for unit in units {
            let sample = Int64(unit / blocks / heads)
            let head = Int64(unit / blocks % heads)
            compute(
              result, shape, operands, sample, head, Int64(unit % blocks) * blockRows, output,
              scratch)
          }
        }
      }
    }
  }

  /// Inputs in the order of ``AttentionGradient`` or ``Attention``, whose first two they all have.
  private func operands(_ inputs: [HostTensor<Float>]) -> tessera_attention_operands {
    var operands = tessera_attention_operands()
    operands.queries = UnsafePointer(inputs[0].pointer)
    operands.keys = UnsafePointer(inputs[1].pointer)
    if inputs.count > 2 { operands.values = UnsafePointer(inputs[2].pointer) }
    if inputs.count > 3 {
      operands.gradient = UnsafePointer(inputs[3].pointer)
      operands.log_sum = UnsafePointer(inputs[4].pointer)
      operands.mean = UnsafePointer(inputs[5].pointer)
    }
    return operands
  }

  private func compute(
    _ result: Result, _ shape: UnsafePointer<tessera_attention_shape>, _ operands: tessera_attention_operands,
    _ sample: Int64, _ head: Int64, _ first: Int64, _ output: UnsafeMutablePointer<Float>,
    _ scratch: UnsafeMutablePointer<Float>
  ) {
    withUnsafePointer(to: operands) { operands in
      switch result {
      case .output:
        tessera_attention_forward(shape, operands, sample, head, first, output, nil, scratch)
      case .logSumExp:
        tessera_attention_forward(shape, operands, sample, head, first, nil, output, scratch)
      case .gradQuery:
        tessera_attention_grad_query(shape, operands, sample, head, first, output, scratch)
      case .gradKey:
        tessera_attention_grad_key(shape, operands, sample, head, first, output, scratch)
      case .gradValue:
        tessera_attention_grad_value(shape, operands, sample, head, first, output, scratch)
      }
    }
  }
}
