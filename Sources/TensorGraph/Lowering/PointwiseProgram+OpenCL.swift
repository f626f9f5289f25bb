// The program as OpenCL C: functions of element `i`, and of the 16 elements from `i` on where `i` is
// a multiple of 16, put before the kernel that calls them.

extension PointwiseProgram {
  /// Elements a vector function computes.
  static let vectorWidth = 16

  /// Statements that compute element `i` as a `float`, or 16 as a `float16`, and the name of the
  /// result. Leaves are read from pointers named by `pointer`; one it names nil is the value `v`.
  ///
  /// - Parameter inputs: what each is stored as.
  private func body(
    isVector: Bool, inputs: [ScalarType], pointer: (Int) -> String?
  ) -> (statements: [String], result: String) {
    let type = isVector ? "float16" : "float"
    var names: [String] = []
    var statements: [String] = []
    for (index, leaf) in leaves.enumerated() {
      guard let pointer = pointer(leaf.input) else {
        names.append("v")
        continue
      }
      let place = leaf.view.expression("i")
      let scalar = inputs[leaf.input]
      if isVector, let period = leaf.view.vectorPeriod {
        let places = (0..<period).map { leaf.view.expression("(i + \($0))") }
        let elements = places.indices.map { "x\(index)_\($0)" }
        for (element, place) in zip(elements, places) {
          statements.append("const float \(element) = \(scalar.load(pointer, place));")
        }
        let vector = (0..<Self.vectorWidth).map { elements[$0 % period] }.joined(separator: ", ")
        statements.append("const float16 x\(index) = (float16)(\(vector));")
      } else if isVector {
        let vector = scalar.load16(pointer, "p\(index)", leaf.view.vectorOffsets!)
        statements.append("const uint p\(index) = \(place);")
        statements.append("const float16 x\(index) = \(vector);")
      } else {
        statements.append("const float x\(index) = \(scalar.load(pointer, place));")
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
  ) -> String {
    let (statements, result) = body(isVector: isVector, inputs: inputs, pointer: pointer)
    let lines = statements + ["return \(result);"]
    return header + " {\n  " + lines.joined(separator: "\n  ") + "\n}\n"
  }

  /// Whether a vector's elements lie alike for every `i`, or repeat themselves, apart from inputs that
  /// `isValue` names.
  private func isVectorizable(isValue: (Int) -> Bool = { _ in false }) -> Bool {
    leaves.allSatisfy {
      isValue($0.input) || $0.view.vectorOffsets != nil || $0.view.vectorPeriod != nil
    }
  }

  /// Whether ``prelude(isVector:inputs:)`` can be one of vectors.
  var hasVectorKernel: Bool { count % Self.vectorWidth == 0 && isVectorizable() }

  /// Definitions that `pointwise_fused.cl` is compiled with, or `pointwise_vectors.cl`.
  ///
  /// The output may lie where an input does that is read in place.
  func prelude(isVector: Bool, inputs: [ScalarType]) -> String {
    let names = (0..<inputCount).map { "in\($0)" }
    let inPlace = inputsReadInPlace
    let pointers = names.enumerated().map { index, name in
      "__global const \(inputs[index].name) *\(inPlace.contains(index) ? "" : "restrict ")\(name)"
    }
    let header = "\(isVector ? "float16" : "float") pointwise("
      + (["uint i"] + pointers).joined(separator: ", ") + ")"
    return """
      #include "common/real.cl"
      #define POINTWISE_PARAMETERS \(pointers.map { $0 + ", " }.joined())
      #define POINTWISE(i) pointwise(\((["i"] + names).joined(separator: ", ")))

      """ + function(header, isVector: isVector, inputs: inputs) { names[$0] }
  }

  /// A statement that asks for the vectors from `i` on of an epilogue's operands that lie in a row,
  /// and do not repeat: those are in a cache.
  private var prefetch: String {
    let statements = leaves
      .filter {
        $0.input > 0 && $0.view.vectorOffsets == Array(0..<Self.vectorWidth)
          && !$0.view.strides.contains(0)
      }
      .map { "PREFETCH(e\($0.input) + \($0.view.expression("at")));" }
    return statements.isEmpty
      ? "" : "{ const uint at = i; \(statements.joined(separator: " ")) }"
  }

  /// Definitions for a kernel that stores `EPILOGUE(value, index)`, and `EPILOGUE16` for 16 values
  /// from a multiple of 16 on: input 0 is the value, input k the kernel's k-th extra parameter.
  /// `EPILOGUE_PREFETCH` is a statement for the same index that asks for the vectors to be read.
  /// A function that uses them has `EPILOGUE_PARAMETERS`, and is called with `EPILOGUE_OPERANDS`.
  /// - Parameter extra: what each of those is stored as.
  func epiloguePrelude(inputs extra: [ScalarType]) -> String {
    let names = (1..<max(inputCount, 1)).map { "e\($0)" }
    let pointers = zip(names, extra).map { ", __global const \($1.name) *restrict \($0)" }.joined()
    let inputs = [.float32] + extra
    let arguments = (["v", "i"] + names).joined(separator: ", ")
    func function(_ header: String, isVector: Bool) -> String {
      self.function(header + "\(pointers))", isVector: isVector, inputs: inputs) {
        $0 == 0 ? nil : "e\($0)"
      }
    }
    let vectorHeader = "static float16 epilogue16(float16 v, uint i"
    let oneByOne = """
      \(vectorHeader)\(pointers)) {
        float values[16];
        store16(v, values);
        for (int k = 0; k < 16; k++)
          values[k] = epilogue(\((["values[k]", "i + k"] + names).joined(separator: ", ")));
        return load16(values);
      }

      """
    return """
      #include "common/real.cl"
      #define EPILOGUE_PARAMETERS \(pointers)
      #define EPILOGUE_OPERANDS \(names.map { ", " + $0 }.joined())
      #define EPILOGUE(v, i) epilogue(\(arguments))
      #define EPILOGUE16(v, i) epilogue16(\(arguments))
      #define EPILOGUE_PREFETCH(i) \(prefetch)

      """ + function("static float epilogue(float v, uint i", isVector: false)
      + (isVectorizable { $0 == 0 } ? function(vectorHeader, isVector: true) : oneByOne)
  }
}

extension StridedView {
  /// Distances of the 16 elements from a multiple of 16 on to the first of them, or one distance, 0,
  /// if they are one; nil where they do not always lie the same way.
  fileprivate var vectorOffsets: [Int]? {
    let width = PointwiseProgram.vectorWidth
    var offsets = [0]
    for (extent, stride) in zip(extents, strides).reversed() where offsets.count < width {
      let steps = min(extent, width / offsets.count)
      guard extent % steps == 0, width % (offsets.count * steps) == 0 else { return nil }
      offsets = (0..<steps).flatMap { step in offsets.map { $0 + step * stride } }
    }
    if offsets.allSatisfy({ $0 == 0 }) { return [0] }
    return offsets.count == width ? offsets : nil
  }

  /// After how many elements all repeat themselves, where that is a few that do not divide a vector,
  /// such as three channels; else nil.
  fileprivate var vectorPeriod: Int? {
    guard let period = extents.last, 3...7 ~= period, PointwiseProgram.vectorWidth % period != 0,
      strides.dropLast().allSatisfy({ $0 == 0 })
    else { return nil }
    return period
  }
}

extension ScalarType {
  /// The type in OpenCL C.
  fileprivate var name: String {
    switch self {
    case .float32: "float"
    case .float16: "half"
    case .int32: "int"
    case .uint8: "uchar"
    }
  }

  /// Element `place` of `pointer` as a `float`.
  fileprivate func load(_ pointer: String, _ place: String) -> String {
    self == .float16 ? "vload_half(\(place), \(pointer))" : "\(pointer)[\(place)]"
  }

  /// The `width` elements from `place` on as a vector.
  private func load(_ width: Int, _ pointer: String, _ place: String) -> String {
    let address = "(0, \(pointer) + \(place))"
    return switch self {
    case .float32: "vload\(width)\(address)"
    case .float16: "vload_half\(width)\(address)"
    case .int32, .uint8: "convert_float\(width)(vload\(width)\(address))"
    }
  }

  /// The 16 elements at these distances from `place` as a `float16`; where there is one distance,
  /// a `float`, which serves for all.
  fileprivate func load16(_ pointer: String, _ place: String, _ offsets: [Int]) -> String {
    if offsets == [0] { return load(pointer, place) }
    if offsets == Array(0..<16) { return "load16(\(pointer) + \(place))" }
    let span = offsets.min()! == 0 ? offsets.max()! + 1 : 0
    if [2, 4, 8].contains(span) {
      return load(span, pointer, place) + ".s" + offsets.map { String($0, radix: 16) }.joined()
    }
    let elements = offsets.map { load(pointer, "\(place) + \($0)") }
    return "(float16)(\(elements.joined(separator: ", ")))"
  }
}

extension KernelVariant {
  /// The kernels of a pointwise program: one text for all views that are merely copied, else a
  /// generated one; for CPUs with vectors, where its operands allow.
  static func pointwise(
    _ program: @escaping @Sendable (KernelContext) -> PointwiseProgram
  ) -> [KernelVariant] {
    [
      KernelVariant("view_copy", storage: .all) { context in
        program(context).copiedView.map { $0.extents.count <= viewAxes } ?? false
      } plan: { context in
        copy(program(context).copiedView!, context)
      },
      KernelVariant("pointwise_vectors", storage: .all) { context in
        context.device.deviceClass == .cpu && program(context).hasVectorKernel
      } plan: { context in
        let program = program(context)
        let count = program.count / PointwiseProgram.vectorWidth
        let perItem = 64
        return launch(
          "pointwise_vectors", program, context, isVector: true, count: count,
          defines: ["VECTORS": perItem], items: (count + perItem - 1) / perItem, local: 1)
      },
      KernelVariant("pointwise_fused", storage: .all) { context in
        let program = program(context)
        return launch(
          "pointwise_fused", program, context, isVector: false, count: program.count,
          defines: [:], items: program.count, local: context.flatLocal)
      },
    ]
  }

  /// Axes that `view_copy` walks.
  private static var viewAxes: Int { 4 }

  private static func copy(_ view: StridedView, _ context: KernelContext) -> KernelPlan {
    let missing = viewAxes - view.extents.count
    let extents = Array(repeating: 1, count: missing) + view.extents
    let strides = Array(repeating: 0, count: missing) + view.strides
    return KernelPlan([
      context.runs(
        "view_copy", of: 1024, count: view.count,
        arguments: [.input(0), .output, .uint(UInt32(clamping: view.count)), .int(view.offset)]
          + extents.dropFirst().map { .uint(UInt32(clamping: $0)) } + strides.map { .int($0) })
    ])
  }

  private static func launch(
    _ kernel: String, _ program: PointwiseProgram, _ context: KernelContext, isVector: Bool,
    count: Int, defines: [String: Int], items: Int, local: Int
  ) -> KernelPlan {
    let inputs = (0..<program.inputCount).map { KernelArgument.input($0) }
    return KernelPlan([
      KernelLaunch(
        kernel, defines: defines,
        prelude: program.prelude(isVector: isVector, inputs: context.inputs.map(\.scalar)),
        arguments: inputs + [.output, .uint(UInt32(clamping: count))], global: [items],
        local: [local])
    ])
  }
}
