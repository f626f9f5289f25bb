import TensorGraph

/// An op of a vector that measures what a device can do at most.
package protocol PeakOp: ReferenceOp, NonDifferentiable {
  /// Elements of the vectors that its kernel works with: 1, 4, 8 or 16.
  var width: Int { get }
}

extension PeakOp {
  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 1)
    try require(
      inputs[0].elementCount % width == 0, "\(inputs[0]) does not divide into vectors of \(width)")
    return inputs[0]
  }
}
