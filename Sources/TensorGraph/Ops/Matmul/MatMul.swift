/// Matrix product: out[b,m,n] = Σₖ a[b,m,k]·b[b,k,n].
///
/// Operands are matrices or batches of matrices; a matrix is shared by every element of the other
/// operand's batch. A transposed operand is stored as [K,M] or [N,K].
package struct MatMul: ReferenceOp {
  package let transposeA: Bool
  package let transposeB: Bool

  package init(transposeA: Bool, transposeB: Bool) {
    self.transposeA = transposeA
    self.transposeB = transposeB
  }

  package var name: String { "matmul" }
  package var tuningName: String {
    name + (transposeA ? " a transposed" : "") + (transposeB ? " b transposed" : "")
  }

  /// Extents of the product, and the distances that walk its operands.
  package struct Extents: Hashable, Sendable {
    package let batch: Int
    package let m: Int
    package let n: Int
    package let k: Int
    /// Elements between the matrices of a batch; 0 for a shared operand.
    package let batchStrideA: Int
    package let batchStrideB: Int
  }

  /// The product's extents for operands that fit.
  package func extents(_ a: Shape, _ b: Shape) -> Extents {
    let (rowsA, columnsA) = (a[a.count - 2], a[a.count - 1])
    let (rowsB, columnsB) = (b[b.count - 2], b[b.count - 1])
    return Extents(
      batch: a.count == 3 ? a[0] : b.count == 3 ? b[0] : 1,
      m: transposeA ? columnsA : rowsA, n: transposeB ? rowsB : columnsB,
      k: transposeA ? rowsA : columnsA,
      batchStrideA: a.count == 3 ? rowsA * columnsA : 0,
      batchStrideB: b.count == 3 ? rowsB * columnsB : 0)
  }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 2)
    let (a, b) = (inputs[0].shape, inputs[1].shape)
    for input in inputs {
      let isMatrix = input.shape.count == 2 || input.shape.count == 3
      try require(isMatrix, "\(input) is neither a matrix nor a batch of matrices")
    }
    let sameBatch = a.count == 2 || b.count == 2 || a[0] == b[0]
    try require(sameBatch, "\(inputs[0]) and \(inputs[1]) are batches of different sizes")
    let extents = extents(a, b)
    let depthB = b[b.count - (transposeB ? 1 : 2)]
    try require(
      extents.k == depthB,
      "\(inputs[0])\(transposeA ? "ᵀ" : "") has \(extents.k) columns, "
        + "\(inputs[1])\(transposeB ? "ᵀ" : "") has \(depthB) rows")
    let matrix = [extents.m, extents.n]
    return TensorType(a.count == 3 || b.count == 3 ? [extents.batch] + matrix : matrix)
  }

  /// Each operand's gradient is a matmul of the output's gradient with the other operand. That of
  /// a shared operand also sums over the batch, by taking batch and contracted axis as one.
  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    let (a, b) = (inputs[0], inputs[1])
    let isBatch = output.shape.count == 3
    let gradientA = Self.product(
      gradient, transposed: false, b, transposed: !transposeB, result: transposeA,
      foldingBatch: isBatch && a.shape.count == 2)
    let gradientB = Self.product(
      a, transposed: !transposeA, gradient, transposed: false, result: transposeB,
      foldingBatch: isBatch && b.shape.count == 2)
    return [gradientA, gradientB]
  }

  /// `a`·`b`, each perhaps transposed, or the transpose of that product.
  private static func product(
    _ a: Tensor, transposed transposeA: Bool, _ b: Tensor, transposed transposeB: Bool,
    result transposeResult: Bool, foldingBatch: Bool
  ) -> Tensor {
    var (a, b) = (a, b)
    if foldingBatch {
      a = a.foldingBatch(intoLast: !transposeA)
      b = b.foldingBatch(intoLast: transposeB)
    }
    return transposeResult
      ? b.matmul(a, transposeA: !transposeB, transposeB: !transposeA)
      : a.matmul(b, transposeA: transposeA, transposeB: transposeB)
  }

  package func cost(inputs: [TensorType], output: TensorType) -> Cost {
    let extents = extents(inputs[0].shape, inputs[1].shape)
    return Cost(flops: 2 * output.elementCount * extents.k, bytes: traffic(inputs, output))
  }

  /// One row of the output.
  package func units(inputs: [TensorType], output: TensorType) -> Int {
    output.shape.dropLast().reduce(1, *)
  }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    let extents = extents(inputs[0].shape, inputs[1].shape)
    let (m, n, k) = (extents.m, extents.n, extents.k)
    let stepA = transposeA ? m : 1
    for unit in units {
      let (batch, row) = (unit / m, unit % m)
      let a = inputs[0].pointer + batch * extents.batchStrideA + row * (transposeA ? 1 : k)
      let b = inputs[1].pointer + batch * extents.batchStrideB
      let target = output.pointer + unit * n
      if transposeB {
        for column in 0..<n {
          let other = b + column * k
          var sum: S = 0
          for i in 0..<k { sum += a[i * stepA] * other[i] }
          target[column] = sum
        }
      } else {
        target.update(repeating: 0, count: n)
        for i in 0..<k {
          let value = a[i * stepA]
          let other = b + i * n
          for column in 0..<n { target[column] += value * other[column] }
        }
      }
    }
  }

  package var variants: [KernelVariant] {
    [
      strassen,
      KernelVariant("matmul_panels", appliesEpilogue: true, storage: .matchingInputs) {
        $0.device.deviceClass == .cpu
      } candidates: { _ in
        RegisterBlock.candidates
      } plan: {
        panels($0)
      },
      KernelVariant(
        "matmul_tiled", appliesEpilogue: true, storage: .matchingInputs,
        candidates: { WorkGroupTile.candidates($0.device) }
      ) {
        tiled($0)
      },
    ]
  }

  private func panels(_ context: KernelContext) -> KernelPlan {
    let e = extents(context.inputs[0].shape, context.inputs[1].shape)
    let block = RegisterBlock(
      rows: e.m, columns: e.n, most: RegisterBlock.largest(context.device),
      rowStride: transposeA ? 1 : e.k, settings: context.settings)
    // Few rows read b about once: packing it first would double its traffic.
    let panels = block.panels(
      rows: e.k, columns: e.n, transposed: transposeB,
      batches: e.batchStrideB == 0 ? 1 : e.batch, packed: e.m > 2 * block.rows,
      storing: context.inputs[1].scalar)
    let multiply = KernelLaunch(
      "matmul_panels", defines: block.defines,
      arguments: [
        .input(0), .input(1), .output, .int(e.m), .int(e.n), .int(e.k),
        .int(e.batchStrideA), .int(transposeA ? 1 : e.k), .int(transposeA ? e.m : 1),
        .int(e.batchStrideB == 0 ? 0 : panels.batchStride), .int(panels.panelStride),
        .int(panels.rowStride),
      ],
      global: [block.rowBlocks(e.m), block.columnBlocks(e.n), e.batch], local: [1, 1, 1])
    return KernelPlan([multiply], prepared: panels.prepared)
  }

  private func tiled(_ context: KernelContext) -> KernelPlan {
    let e = extents(context.inputs[0].shape, context.inputs[1].shape)
    let tile = WorkGroupTile(
      rows: e.m, columns: e.n, batches: e.batch, device: context.device, settings: context.settings)
    return KernelPlan([
      KernelLaunch(
        "matmul_tiled",
        defines: tile.defines.merging(
          ["TRANSPOSE_A": transposeA ? 1 : 0, "TRANSPOSE_B": transposeB ? 1 : 0]) { $1 },
        arguments: [
          .input(0), .input(1), .output, .int(e.m), .int(e.n), .int(e.k),
          .int(e.batchStrideA), .int(e.batchStrideB),
        ],
        global: tile.global(rows: e.m, columns: e.n, batches: e.batch), local: tile.local,
        isDivisible: true)
    ])
  }
}

extension Tensor {
  /// Matrix product with `other` over the last two axes.
  ///
  /// - Parameters:
  ///   - other: [K,N], shared by every matrix of this, or [..,K,N] with this tensor's leading axes.
  ///   - transposeA: whether this is stored as [..,K,M] rather than [..,M,K].
  ///   - transposeB: whether `other` is stored as [..,N,K].
  /// - Returns: [..,M,N].
  /// - Complexity: M·N·K multiply-adds a matrix.
  public func matmul(
    _ other: Tensor, transposeA: Bool = false, transposeB: Bool = false,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    graph.at(file, line) {
      let op = MatMul(transposeA: transposeA, transposeB: transposeB)
      let rank = Swift.max(shape.count, other.shape.count)
      if rank <= 3 { return graph.apply(op, [self, other]) }
      let leading = shape.count == rank ? shape.dropLast(2) : other.shape.dropLast(2)
      graph.check(
        [self, other].allSatisfy { $0.shape.count == 2 || $0.shape.dropLast(2) == leading },
        "matmul", [self, other], "the leading axes of \(type) and \(other.type) differ")
      let product = graph.apply(op, [self, other].map { $0.flatteningBatch() })
      return product.reshaped(leading + product.shape.suffix(2))
    }
  }

  /// Fully connected layer: x·weightᵀ + bias.
  ///
  /// The weight keeps the layout of the checkpoints: every kernel repacks or tiles it anyway, so
  /// the transposed layout would not be faster.
  /// - Parameters:
  ///   - weight: [N,K], outputs by inputs.
  ///   - bias: [N].
  /// - Returns: [..,N] for this tensor of [..,K].
  public func linear(
    weight: Tensor, bias: Tensor? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    graph.at(file, line) {
      let product = matmul(weight, transposeB: true)
      return bias.map { product + $0 } ?? product
    }
  }

  /// Leading axes as one, before the last two.
  private func flatteningBatch() -> Tensor {
    shape.count <= 3 ? self : reshaped([-1] + shape.suffix(2))
  }

  /// The batch of [B,R,C] merged with its last axis, [R,B·C], or with its rows, [B·R,C].
  fileprivate func foldingBatch(intoLast: Bool) -> Tensor {
    intoLast
      ? permuted([1, 0, 2]).reshaped([shape[1], -1])
      : reshaped([-1, shape[2]])
  }
}
