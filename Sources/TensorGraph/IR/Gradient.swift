extension Graph {
  /// Gradients of the scalar `loss` with respect to `targets`, by reverse-mode differentiation.
  ///
  /// The gradient is a graph like any other: it is fused, planned and may be differentiated again,
  /// unless this leads through a gradient of attention, normalisation, max pooling, sampling or a
  /// convolution's weight: that traps, and names the op.
  /// A target that `loss` does not depend on has a gradient of zeros.
  public func gradients(
    of loss: Tensor, withRespectTo targets: [Tensor], file: StaticString = #fileID,
    line: UInt = #line
  ) -> [Tensor] {
    precondition(
      ([loss] + targets).allSatisfy { $0.graph === self }, "gradients of tensors of another graph")
    precondition(loss.type.elementCount == 1, "the loss must be a scalar, not \(loss.type)")
    var reached = Set(targets.map(\.id))
    for id in 0...loss.id where !reached.isDisjoint(with: nodes[id].inputs) { reached.insert(id) }

    var adjoints: [Int: Tensor] = [loss.id: fill(1, loss.shape)]
    for id in stride(from: loss.id, through: 0, by: -1) {
      guard reached.contains(id), let gradient = adjoints[id] else { continue }
      let node = nodes[id]
      guard node.inputs.contains(where: reached.contains) else { continue }
      let inputs = node.inputs.map { Tensor(graph: self, id: $0) }
      let output = Tensor(graph: self, id: id)
      asPart(of: id, or: CallSite(file: file, line: line)) {
        let parts = node.op.vjp(gradient, inputs: inputs, output: output)
        precondition(parts.count == inputs.count, "\(node.op.name): vjp of \(parts.count) inputs")
        for (input, part) in zip(inputs, parts) where reached.contains(input.id) {
          guard let part else { continue }
          precondition(
            part.shape == input.shape,
            "\(node.op.name): gradient \(part.type) of input \(input.type)")
          adjoints[input.id] = adjoints[input.id].map { $0 + part } ?? part
        }
      }
    }
    return targets.map { adjoints[$0.id] ?? fill(0, $0.shape) }
  }

  /// A tensor with `value` everywhere; it costs no memory where it is fused.
  public func fill(_ value: Float, _ shape: Shape) -> Tensor {
    apply(Fill(value: value)).broadcast(to: shape)
  }
}
