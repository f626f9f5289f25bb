/// A straight-line program over the elements of tensors of equal count: what a chain of pointwise
/// ops, and the movements it reads through, fuse into.
package struct PointwiseProgram: Hashable, Sendable {
  /// A value read from memory: which input of the op, and where in it.
  package struct Leaf: Hashable, Sendable {
    package var input: Int
    package var view: StridedView

    package init(input: Int, view: StridedView) {
      self.input = input
      self.view = view
    }
  }

  /// One op; operands number the leaves first, then the instructions before this one.
  package struct Instruction: Hashable, Sendable {
    package let op: any PointwiseOp
    package let operands: [Int]

    package init(op: any PointwiseOp, operands: [Int]) {
      self.op = op
      self.operands = operands
    }

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
      leaves: operands.map { Leaf(input: $0, view: .identity(count)) },
      instructions: [Instruction(op: op, operands: operands)])
  }

  /// A copy of what `view` reads from the only input.
  package init(reading view: StridedView) {
    self.init(
      count: view.count, leaves: [Leaf(input: 0, view: view)], instructions: [])
  }

  /// What the program copies from its only input if that is all it does.
  package var copiedView: StridedView? {
    instructions.isEmpty && leaves.count == 1 ? leaves[0].view : nil
  }

  package var inputCount: Int { (leaves.map(\.input).max() ?? -1) + 1 }

  /// Inputs of which element `i` is read for element `i` of the output alone.
  package var inputsReadInPlace: [Int] {
    (0..<inputCount).filter { input in
      leaves.allSatisfy { $0.input != input || $0.view.isIdentity }
    }
  }

  /// The program as text, for plans: `x0*x1+x2` in prefix form.
  package var summary: String {
    var names = leaves.map { "x\($0.input)" + ($0.view.isIdentity ? "" : "~") }
    for instruction in instructions {
      let operands = instruction.operands.map { names[$0] }.joined(separator: ",")
      names.append("\(instruction.op.name)(\(operands))")
    }
    return names.last ?? ""
  }
}
