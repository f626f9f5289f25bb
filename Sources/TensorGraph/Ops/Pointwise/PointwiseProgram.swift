/// A straight-line program over the elements of tensors of equal count: what a chain of pointwise
/// ops, and the movements it reads through, fuse into.
package struct PointwiseProgram: Hashable, Sendable {
  /// A value read from memory: which input of the op, and where in it.
  package struct Leaf: Hashable, Sendable {
    package var input: Int
    package var access: Access
  }

  /// One op; operands number the leaves first, then the instructions before this one.
  package struct Instruction: Hashable, Sendable {
    package let op: any PointwiseOp
    package let operands: [Int]

    package static func == (a: Instruction, b: Instruction) -> Bool {
      AnyHashable(a.op) == AnyHashable(b.op) && a.operands == b.operands
    }

    package func hash(into hasher: inout Hasher) {
      hasher.combine(AnyHashable(op))
      hasher.combine(operands)
    }
  }

  /// Elements of the output.
  package let count: Int
  package var leaves: [Leaf]
  /// The last one computes the output; with none, the output is the first leaf.
  package var instructions: [Instruction]

  package init(count: Int, leaves: [Leaf], instructions: [Instruction]) {
    self.count = count
    self.leaves = leaves
    self.instructions = instructions
  }

  /// A single op on contiguous operands.
  package init(_ op: some PointwiseOp, count: Int) {
    let operands = Array(0..<op.operandCount)
    self.init(
      count: count,
      leaves: operands.map { Leaf(input: $0, access: .identity(count)) },
      instructions: [Instruction(op: op, operands: operands)])
  }

  /// A copy of what `access` reads from the only input.
  package init(reading access: Access) {
    self.init(
      count: access.count, leaves: [Leaf(input: 0, access: access)], instructions: [])
  }

  package var inputCount: Int { (leaves.map(\.input).max() ?? -1) + 1 }

  /// Inputs of which element `i` is read for element `i` of the output alone.
  package var inputsReadInPlace: [Int] {
    (0..<inputCount).filter { input in
      leaves.allSatisfy { $0.input != input || $0.access.isIdentity }
    }
  }

  /// The program as text, for plans: `x0*x1+x2` in prefix form.
  package var summary: String {
    var names = leaves.map { "x\($0.input)" + ($0.access.isIdentity ? "" : "~") }
    for instruction in instructions {
      let operands = instruction.operands.map { names[$0] }.joined(separator: ",")
      names.append("\(instruction.op.name)(\(operands))")
    }
    return names.last ?? ""
  }
}

// MARK: - On the host

extension PointwiseProgram {
  /// Elements one unit of parallel work covers.
  private static let unitSize = 1 << 14
  /// Elements computed at a time, small enough that every intermediate stays in first-level cache.
  private static let blockSize = 512

  package static func units(_ count: Int) -> Int { (count + unitSize - 1) / unitSize }

  package static func elements(of units: Range<Int>, count: Int) -> Range<Int> {
    units.lowerBound * unitSize..<min(units.upperBound * unitSize, count)
  }

  /// Computes `units` of the output; inputs are those the leaves number.
  package func evaluate<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>,
    apply: (any PointwiseOp, [UnsafePointer<S>], UnsafeMutablePointer<S>, Int) -> Void
  ) {
    let block = Self.blockSize
    let slots = leaves.count + instructions.count
    let scratch = UnsafeMutablePointer<S>.allocate(capacity: max(slots, 1) * block)
    scratch.initialize(repeating: 0, count: max(slots, 1) * block)
    defer { scratch.deallocate() }
    let range = Self.elements(of: units, count: count)
    var values: [UnsafePointer<S>] = (0..<slots).map { UnsafePointer(scratch + $0 * block) }
    let operands = instructions.map(\.operands)
    for start in stride(from: range.lowerBound, to: range.upperBound, by: block) {
      let length = min(block, range.upperBound - start)
      let target = output.pointer + start
      for (slot, leaf) in leaves.enumerated() {
        let source = UnsafePointer(inputs[leaf.input].pointer)
        if leaf.access.isIdentity {
          values[slot] = source + start
        } else {
          leaf.access.gather(source, start..<start + length, into: scratch + slot * block)
        }
      }
      for (index, instruction) in instructions.enumerated() {
        let slot = leaves.count + index
        let result = index == instructions.count - 1 ? target : scratch + slot * block
        apply(instruction.op, operands[index].map { values[$0] }, result, length)
      }
      if instructions.isEmpty { target.update(from: values[0], count: length) }
    }
  }

  package func evaluate(
    _ inputs: [HostTensor<Float>], into output: HostTensor<Float>, units: Range<Int>
  ) {
    evaluate(inputs, into: output, units: units) { $0.applyBlock($1, into: $2, count: $3) }
  }

  package func evaluate(
    _ inputs: [HostTensor<Double>], into output: HostTensor<Double>, units: Range<Int>
  ) {
    evaluate(inputs, into: output, units: units) { $0.applyBlock($1, into: $2, count: $3) }
  }
}
