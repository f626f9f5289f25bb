import TensorGraph

/// An op planned for fixed shapes on the CPU path, by something faster than its reference.
package protocol HostPrimitive: AnyObject {
  /// Computes the op's output. Of a constant second input the first run may keep what it needs.
  func run(_ inputs: [HostTensor<Float>], into output: HostTensor<Float>) throws
}

/// The best primitive there is for `op`; nil if there is none: its reference then computes it.
///
/// - Parameter isSecondConstant: whether the second input has the same value in every run.
/// - Throws: ``OneDNNError`` if there is one but it cannot be planned.
func hostPrimitive(
  _ op: any Op, inputs: [TensorType], output: TensorType, isSecondConstant: Bool
) throws -> (any HostPrimitive)? {
  if isSecondConstant, let winograd = WinogradConvolution(op, inputs: inputs, output: output) {
    return winograd
  }
  if let attention = HostAttention(op, inputs: inputs) { return attention }
  return try OneDNNPrimitive(
    op, inputs: inputs, output: output, isSecondConstant: isSecondConstant)
}
