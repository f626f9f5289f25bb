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

// MARK: - As OpenCL C

extension PointwiseProgram {
  /// Statements that compute element `i`, and the name of the result. Leaves are read from
  /// pointers named by `pointer`; a leaf it names nil is the value `v` itself.
  private func body(pointer: (Int) -> String?) -> (statements: [String], result: String) {
    var names: [String] = []
    var statements: [String] = []
    for (index, leaf) in leaves.enumerated() {
      if let pointer = pointer(leaf.input) {
        statements.append("const float x\(index) = \(pointer)[\(leaf.access.expression("i"))];")
        names.append("x\(index)")
      } else {
        names.append("v")
      }
    }
    for (index, instruction) in instructions.enumerated() {
      let value = instruction.op.expression(instruction.operands.map { names[$0] })
      statements.append("const float t\(index) = \(value);")
      names.append("t\(index)")
    }
    return (statements, names.last ?? "0.0f")
  }

  /// Definitions that `pointwise_fused.cl` is compiled with. The output may lie where an input does
  /// that is read in place.
  package var prelude: String {
    let inPlace = Set(inputsReadInPlace)
    let pointers = (0..<inputCount).map {
      "__global const float *\(inPlace.contains($0) ? "" : "restrict ")in\($0)"
    }
    let (statements, result) = body { "in\($0)" }
    return """
      #define POINTWISE_PARAMETERS \(pointers.map { $0 + ", " }.joined())
      #define POINTWISE(i) pointwise(i\((0..<inputCount).map { ", in\($0)" }.joined()))
      float pointwise(int i\(pointers.map { ", " + $0 }.joined())) {
        \(statements.joined(separator: "\n  "))
        return \(result);
      }

      """
  }

  /// Definitions for a kernel that stores `EPILOGUE(value, index)`: input 0 is the value, input k
  /// the kernel's k-th extra parameter.
  package var epiloguePrelude: String {
    let extra = Array(1..<max(inputCount, 1))
    let pointers = extra.map { ", __global const float *restrict e\($0)" }.joined()
    let (statements, result) = body { $0 == 0 ? nil : "e\($0)" }
    return """
      #define EPILOGUE_PARAMETERS \(pointers)
      #define EPILOGUE(v, i) epilogue(v, i\(extra.map { ", e\($0)" }.joined()))
      float epilogue(float v, int i\(pointers)) {
        \(statements.joined(separator: "\n  "))
        return \(result);
      }

      """
  }
}

extension KernelVariant {
  /// The generated kernel of a pointwise program.
  static func pointwise(
    _ program: @escaping @Sendable (KernelContext) -> PointwiseProgram
  ) -> KernelVariant {
    KernelVariant("pointwise_fused") { context in
      let program = program(context)
      return KernelPlan([
        KernelLaunch(
          "pointwise_fused", prelude: program.prelude,
          arguments: (0..<program.inputCount).map { .input($0) } + [.output, .int(program.count)],
          global: [program.count], local: [context.flatLocal])
      ])
    }
  }
}
