// The program as OpenCL C: functions of element `i`, and of the 16 elements from `i` on where `i` is
// a multiple of 16, put before the kernel that calls them.

extension PointwiseProgram {
  /// Elements a vector function computes.
  static let vectorWidth = 16

  /// Statements that compute element `i` as a `float`, or 16 as a `float16`, and the name of the
  /// result. Leaves are read from pointers named by `pointer`; one it names nil is the value `v`.
  ///
  /// Nil where a vector's elements do not lie alike for every `i`.
  ///
  /// - Parameter inputs: what each is stored as.
  private func body(
    isVector: Bool, inputs: [ScalarType], pointer: (Int) -> String?
  ) -> (statements: [String], result: String)? {
    let type = isVector ? "float16" : "float"
    var names: [String] = []
    var statements: [String] = []
    for (index, leaf) in leaves.enumerated() {
      guard let pointer = pointer(leaf.input) else {
        names.append("v")
        continue
      }
      let place = leaf.access.expression("i")
      if !isVector {
        let value = inputs[leaf.input].load(pointer, place)
        statements.append("const float x\(index) = \(value);")
      } else if let vector = leaf.access.vector(
        of: pointer, storing: inputs[leaf.input], at: "p\(index)")
      {
        statements.append("const uint p\(index) = \(place);")
        statements.append("const float16 x\(index) = \(vector);")
      } else {
        return nil
      }
      names.append("x\(index)")
    }
    for (index, instruction) in instructions.enumerated() {
      let value = instruction.op.expression(instruction.operands.map { names[$0] })
      statements.append("const \(type) t\(index) = \(value);")
      names.append("t\(index)")
    }
    return (statements, names.last ?? "0.0f")
  }

  /// A function of the program: `parameters` come after the index.
  private func function(
    _ header: String, isVector: Bool, inputs: [ScalarType], pointer: (Int) -> String?
  ) -> String? {
    guard
      let (statements, result) = body(isVector: isVector, inputs: inputs, pointer: pointer)
    else { return nil }
    let lines = statements + ["return \(result);"]
    return header + " {\n  " + lines.joined(separator: "\n  ") + "\n}\n"
  }

  /// Definitions that `pointwise_fused.cl` is compiled with, or `pointwise_vectors.cl`, for which
  /// there may be none.
  ///
  /// The output may lie where an input does that is read in place.
  func prelude(isVector: Bool, inputs: [ScalarType]) -> String? {
    if isVector && count % Self.vectorWidth != 0 { return nil }
    let names = (0..<inputCount).map { "in\($0)" }
    let inPlace = inputsReadInPlace
    let pointers = names.enumerated().map { index, name in
      "__global const \(inputs[index].name) *\(inPlace.contains(index) ? "" : "restrict ")\(name)"
    }
    let header = "\(isVector ? "float16" : "float") pointwise("
      + (["uint i"] + pointers).joined(separator: ", ") + ")"
    return function(header, isVector: isVector, inputs: inputs) { names[$0] }.map {
      """
      #define POINTWISE_PARAMETERS \(pointers.map { $0 + ", " }.joined())
      #define POINTWISE(i) pointwise(\((["i"] + names).joined(separator: ", ")))

      """ + $0
    }
  }

  /// Definitions for a kernel that stores `EPILOGUE(value, index)`, and `EPILOGUE16` for 16 values
  /// from a multiple of 16 on: input 0 is the value, input k the kernel's k-th extra parameter.
  /// - Parameter extra: what each of those is stored as.
  func epiloguePrelude(inputs extra: [ScalarType]) -> String {
    let names = (1..<max(inputCount, 1)).map { "e\($0)" }
    let pointers = zip(names, extra).map { ", __global const \($1.name) *restrict \($0)" }.joined()
    let inputs = [.float32] + extra
    let arguments = (["v", "i"] + names).joined(separator: ", ")
    let scalar = function("float epilogue(float v, uint i\(pointers))", isVector: false, inputs: inputs) {
      $0 == 0 ? nil : "e\($0)"
    }
    let header = "float16 epilogue16(float16 v, uint i\(pointers))"
    let vector = function(header, isVector: true, inputs: inputs) { $0 == 0 ? nil : "e\($0)" } ?? """
      \(header) {
        float values[16];
        vstore16(v, 0, values);
        for (int k = 0; k < 16; k++)
          values[k] = epilogue(\((["values[k]", "i + k"] + names).joined(separator: ", ")));
        return vload16(0, values);
      }

      """
    return """
      #define EPILOGUE_PARAMETERS \(pointers)
      #define EPILOGUE(v, i) epilogue(\(arguments))
      #define EPILOGUE16(v, i) epilogue16(\(arguments))

      """ + scalar! + vector
  }
}

extension Access {
  /// OpenCL C for the 16 elements from a multiple of 16 on, where the first is `pointer[place]`;
  /// nil where the others do not always lie the same way from it.
  fileprivate func vector(
    of pointer: String, storing scalar: ScalarType, at place: String
  ) -> String? {
    let width = PointwiseProgram.vectorWidth
    var offsets = [0]
    for (extent, stride) in zip(extents, strides).reversed() where offsets.count < width {
      let steps = min(extent, width / offsets.count)
      guard extent % steps == 0, width % (offsets.count * steps) == 0 else { return nil }
      offsets = (0..<steps).flatMap { step in offsets.map { $0 + step * stride } }
    }
    if offsets.allSatisfy({ $0 == 0 }) { return scalar.load(pointer, place) }
    guard offsets.count == width else { return nil }
    if offsets == Array(0..<width) { return scalar.load16(pointer, place) }
    let elements = offsets.map { scalar.load(pointer, "\(place) + \($0)") }
    return "(float16)(\(elements.joined(separator: ", ")))"
  }
}

extension ScalarType {
  /// The type in OpenCL C.
  fileprivate var name: String {
    switch self {
    case .float32: "float"
    case .float16: "half"
    case .int32: "int"
    }
  }

  /// Element `place` of `pointer` as a `float`.
  fileprivate func load(_ pointer: String, _ place: String) -> String {
    self == .float16 ? "vload_half(\(place), \(pointer))" : "\(pointer)[\(place)]"
  }

  /// The 16 elements from `place` on as a `float16`.
  fileprivate func load16(_ pointer: String, _ place: String) -> String {
    "\(self == .float16 ? "vload_half16" : "vload16")(0, \(pointer) + \(place))"
  }
}

extension KernelVariant {
  /// The generated kernels of a pointwise program: for CPUs with vectors, where its operands allow.
  static func pointwise(
    _ program: @escaping @Sendable (KernelContext) -> PointwiseProgram
  ) -> [KernelVariant] {
    [
      KernelVariant("pointwise_vectors") { context in
        context.device.deviceClass == .cpu
          && program(context).prelude(isVector: true, inputs: context.inputs.map(\.scalar)) != nil
      } plan: { context in
        let program = program(context)
        let count = program.count / PointwiseProgram.vectorWidth
        let perItem = 64
        return launch(
          "pointwise_vectors", program, context, isVector: true, count: count,
          defines: ["VECTORS": perItem], items: (count + perItem - 1) / perItem, local: 1)
      },
      KernelVariant("pointwise_fused") { context in
        let program = program(context)
        return launch(
          "pointwise_fused", program, context, isVector: false, count: program.count,
          defines: [:], items: program.count, local: context.flatLocal)
      },
    ]
  }

  private static func launch(
    _ kernel: String, _ program: PointwiseProgram, _ context: KernelContext, isVector: Bool,
    count: Int, defines: [String: Int], items: Int, local: Int
  ) -> KernelPlan {
    let prelude = program.prelude(isVector: isVector, inputs: context.inputs.map(\.scalar))!
    return KernelPlan([
      KernelLaunch(
        kernel, defines: defines, prelude: prelude,
        arguments: (0..<program.inputCount).map { .input($0) } + [.output, .uint(UInt32(clamping: count))],
        global: [items], local: [local])
    ])
  }
}
