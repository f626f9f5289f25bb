/// Removes work that changes nothing: arithmetic with neutral elements and on known scalars.
///
/// Gradients are full of it: the first adjoint is 1, a mean divides by a literal.
package enum SimplifyAlgebra: Pass {
  package static func run(_ trace: Trace) -> Trace {
    trace.rewritten { id, builder, new in
      let node = trace.nodes[id]
      if node.op is Reshape, builder.nodes[new(node.inputs[0])].type.shape == node.type.shape {
        return .node(new(node.inputs[0]))
      }
      if node.op is any MovementOp, let value = builder.uniformValue(new(node.inputs[0])) {
        return .node(builder.addFill(value, node.type))
      }
      guard let op = node.op as? any PointwiseOp, !(op is Fill) else { return .kept }
      let values = node.inputs.map { builder.uniformValue(new($0)) }
      if !values.contains(nil) {
        return .node(builder.addFill(evaluate(op, values.map { $0! }), node.type))
      }
      let same: Int? =
        switch op {
        case is Add where values[0] == 0: new(node.inputs[1])
        case is Add where values[1] == 0: new(node.inputs[0])
        case is Subtract where values[1] == 0: new(node.inputs[0])
        case is Multiply where values[0] == 1: new(node.inputs[1])
        case is Multiply where values[1] == 1: new(node.inputs[0])
        case is Divide where values[1] == 1: new(node.inputs[0])
        case is Detach: new(node.inputs[0])
        default: nil
        }
      // Integers are not the floats that arithmetic makes of them.
      guard let same, builder.nodes[same].type == node.type else { return .kept }
      return .node(same)
    }
  }

  private static func evaluate(_ op: any PointwiseOp, _ operands: [Float]) -> Float {
    var result: Float = 0
    operands.withUnsafeBufferPointer { values in
      let pointers = values.indices.map { values.baseAddress! + $0 }
      op.applyBlock(pointers, into: &result, count: 1)
    }
    return result
  }
}

extension Trace {
  /// The value of a node that is the same everywhere and known now.
  package func uniformValue(_ id: Int) -> Float? {
    if let fill = nodes[id].op as? Fill { return fill.value }
    guard nodes[id].op is any MovementOp else { return nil }
    return uniformValue(nodes[id].inputs[0])
  }

  /// A node that is `value` everywhere.
  fileprivate mutating func addFill(_ value: Float, _ type: TensorType) -> Int {
    let fill = add(Fill(value: value), [], TensorType([]))
    return type.shape.isEmpty ? fill : add(Broadcast(shape: type.shape), [fill], type)
  }
}
