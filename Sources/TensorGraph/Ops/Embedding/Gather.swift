/// Rows of a table: out[p] = table[indices[p]], for a table [K,D] and int32 indices [P].
///
/// An index outside the table is taken as the nearest row of it, so no input reads other memory.
package struct Gather: ReferenceOp {
  package init() {}

  package var name: String { "gather" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 2)
    let (table, indices) = (inputs[0], inputs[1])
    let fits = table.shape.count == 2 && table.shape[0] > 0 && table.scalar == .float32
      && indices.shape.count == 1 && indices.scalar == .int32
    try require(fits, "\(table) and \(indices) are not a table [K,D] and int32[P]")
    return TensorType([indices.shape[0], table.shape[1]])
  }

  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    let op = GatherGradTable(rows: inputs[0].shape[0])
    return [output.graph.apply(op, [gradient, inputs[1]]), nil]
  }

  package func cost(inputs: [TensorType], output: TensorType) -> Cost {
    Cost(flops: 0, bytes: 2 * output.byteCount + inputs[1].byteCount)
  }

  package func units(inputs: [TensorType], output: TensorType) -> Int { output.shape[0] }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    let (rows, depth) = (inputs[0].shape[0], inputs[0].shape[1])
    for unit in units {
      let row = min(max(Int(inputs[1][unit]), 0), rows - 1)
      (output.pointer + unit * depth).update(from: inputs[0].pointer + row * depth, count: depth)
    }
  }

  package var variants: [KernelVariant] {
    [
      KernelVariant("gather_rows") { context in
        let (rows, depth) = (context.inputs[0].shape[0], context.inputs[0].shape[1])
        let count = context.output.elementCount
        return KernelPlan([
          KernelLaunch(
            "gather_rows",
            arguments: [.input(0), .input(1), .output, .int(count), .int(rows), .int(depth)],
            global: [count], local: [context.flatLocal])
        ])
      }
    ]
  }
}

/// Gradient of ``Gather`` with respect to the table [K,D]: each row is the sum, in order, of the
/// gradients [P,D] of the positions that read it.
package struct GatherGradTable: ReferenceOp {
  package let rows: Int

  package init(rows: Int) { self.rows = rows }

  package var name: String { "gather_grad_table" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 2)
    let (gradient, indices) = (inputs[0], inputs[1])
    let fits = gradient.shape.count == 2 && indices.scalar == .int32
      && indices.shape == [gradient.shape[0]]
    try require(fits, "\(gradient) and \(indices) are not a gradient [P,D] and int32[P]")
    return TensorType([rows, gradient.shape[1]])
  }

  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    [output.graph.apply(Gather(), [gradient, inputs[1]]), nil]
  }

  package func cost(inputs: [TensorType], output: TensorType) -> Cost {
    Cost(flops: inputs[0].elementCount, bytes: traffic(inputs, output))
  }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    let (positions, depth) = (inputs[0].shape[0], inputs[0].shape[1])
    output.pointer.update(repeating: 0, count: output.count)
    for position in 0..<positions {
      let row = min(max(Int(inputs[1][position]), 0), rows - 1)
      let (source, target) = (inputs[0].pointer + position * depth, output.pointer + row * depth)
      for d in 0..<depth { target[d] += source[d] }
    }
  }

  package var variants: [KernelVariant] {
    [
      KernelVariant("gather_grad_table_rows") { context in
        let (positions, depth) = (context.inputs[0].shape[0], context.inputs[0].shape[1])
        let count = context.output.elementCount
        return KernelPlan([
          KernelLaunch(
            "gather_grad_table_rows",
            arguments: [
              .input(0), .input(1), .output, .int(positions), .int(rows), .int(depth),
            ],
            global: [count], local: [context.flatLocal])
        ])
      }
    ]
  }
}

extension Tensor {
  /// Rows of this table [K,D] at `indices`, int32 [P] within 0..<K: [P,D].
  public func gathered(
    _ indices: Tensor, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    graph.at(file, line) { graph.apply(Gather(), [self, indices]) }
  }
}
