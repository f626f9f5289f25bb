import COneDNN
import Testing

/// Whole numbers from -4 to 4: their products and sums are exact in single precision, so results
/// are compared for equality, whatever the order of summation.
private func wholeNumbers(_ count: Int, seed: Int) -> [Float] {
  (0..<count).map { Float(($0 &* 7919 &+ seed &* 104_729) >> 3 % 9 - 4) }
}

private func succeed(_ status: CInt, _ location: SourceLocation = #_sourceLocation) throws {
  let name = String(cString: tessera_dnn_status_name(status))
  try #require(status == 0, "\(name)", sourceLocation: location)
}

private let invalidArguments = "invalid_arguments"

private func name(_ status: CInt) -> String { String(cString: tessera_dnn_status_name(status)) }

/// Floats for so many bytes.
private func room(_ bytes: Int) -> [Float] { [Float](repeating: .nan, count: (bytes + 3) / 4) }

extension tessera_dnn_convolution_shape {
  init(
    _ n: Int, _ h: Int, _ w: Int, _ c: Int, kernel: (Int, Int), _ k: Int,
    stride: (Int, Int) = (1, 1), padding: (Int, Int, Int, Int) = (0, 0, 0, 0)
  ) {
    self.init(
      batch: Int64(n), height: Int64(h), width: Int64(w), channels: Int64(c),
      kernel_height: Int64(kernel.0), kernel_width: Int64(kernel.1), output_channels: Int64(k),
      stride_height: Int64(stride.0), stride_width: Int64(stride.1),
      padding_top: Int64(padding.0), padding_left: Int64(padding.1),
      padding_bottom: Int64(padding.2), padding_right: Int64(padding.3))
  }

  var outputHeight: Int {
    Int((height + padding_top + padding_bottom - kernel_height) / stride_height + 1)
  }
  var outputWidth: Int {
    Int((width + padding_left + padding_right - kernel_width) / stride_width + 1)
  }
  var inputCount: Int { Int(batch * height * width * channels) }
  var weightsCount: Int { Int(kernel_height * kernel_width * channels * output_channels) }
  var outputCount: Int { Int(batch * output_channels) * outputHeight * outputWidth }

  /// Calls `body` with the offsets in input, weights and output of every product of the sum.
  func forEachProduct(_ body: (Int, Int, Int) -> Void) {
    let (height, width, channels) = (Int(height), Int(width), Int(channels))
    let (kernelWidth, outputs) = (Int(kernel_width), Int(output_channels))
    for n in 0..<Int(batch) {
      for p in 0..<outputHeight {
        for q in 0..<outputWidth {
          for r in 0..<Int(kernel_height) {
            for s in 0..<kernelWidth {
              let h = p * Int(stride_height) + r - Int(padding_top)
              let w = q * Int(stride_width) + s - Int(padding_left)
              guard (0..<height).contains(h), (0..<width).contains(w) else { continue }
              for c in 0..<channels {
                let source = ((n * height + h) * width + w) * channels + c
                for k in 0..<outputs {
                  body(
                    source, ((r * kernelWidth + s) * channels + c) * outputs + k,
                    ((n * outputHeight + p) * outputWidth + q) * outputs + k)
                }
              }
            }
          }
        }
      }
    }
  }
}

extension tessera_dnn_convolution_shape: @retroactive CustomTestStringConvertible {
  public var testDescription: String {
    "[\(batch),\(height),\(width),\(channels)] by \(kernel_height)x\(kernel_width) to "
      + "\(output_channels)"
  }
}

struct OneDNNConvolutionTests {
  static let shapes: [tessera_dnn_convolution_shape] = [
    .init(1, 1, 1, 1, kernel: (1, 1), 1),
    .init(2, 7, 5, 3, kernel: (3, 3), 5, padding: (1, 1, 1, 1)),
    .init(1, 9, 11, 16, kernel: (3, 3), 32, stride: (2, 2), padding: (0, 0, 1, 1)),
    .init(3, 4, 6, 33, kernel: (1, 1), 17),
    .init(1, 17, 13, 4, kernel: (5, 3), 7, stride: (3, 2), padding: (2, 0, 1, 3)),
    .init(2, 32, 32, 3, kernel: (16, 16), 48, stride: (16, 16)),
    .init(1, 16, 16, 128, kernel: (3, 3), 64, padding: (1, 1, 1, 1)),
  ]

  @Test(arguments: shapes)
  func `A convolution equals its definition, twice`(shape: tessera_dnn_convolution_shape) throws {
    var shape = shape
    var handle: OpaquePointer?
    try succeed(tessera_dnn_convolution_create(&shape, &handle))
    defer { tessera_dnn_convolution_destroy(handle) }
    let source = wholeNumbers(shape.inputCount, seed: 1)
    for seed in [2, 3] {  // packing again replaces the weights
      let weights = wholeNumbers(shape.weightsCount, seed: seed)
      var packed = room(tessera_dnn_convolution_packed_size(handle))
      try succeed(tessera_dnn_convolution_pack_weights(handle, weights, &packed))
      var expected = [Float](repeating: 0, count: shape.outputCount)
      shape.forEachProduct { expected[$2] += source[$0] * weights[$1] }
      for _ in 0..<2 {
        var output = [Float](repeating: .nan, count: shape.outputCount)
        try succeed(tessera_dnn_convolution_execute(handle, source, packed, &output))
        #expect(output == expected)
      }
    }
  }

  @Test(arguments: shapes)
  func `The gradient of the weights equals its definition`(
    shape: tessera_dnn_convolution_shape
  ) throws {
    var shape = shape
    var handle: OpaquePointer?
    try succeed(tessera_dnn_convolution_grad_weights_create(&shape, &handle))
    defer { tessera_dnn_convolution_grad_weights_destroy(handle) }
    let source = wholeNumbers(shape.inputCount, seed: 1)
    let gradient = wholeNumbers(shape.outputCount, seed: 2)
    var expected = [Float](repeating: 0, count: shape.weightsCount)
    shape.forEachProduct { expected[$1] += source[$0] * gradient[$2] }
    for _ in 0..<2 {
      var weights = [Float](repeating: .nan, count: shape.weightsCount)
      try succeed(tessera_dnn_convolution_grad_weights_execute(handle, source, gradient, &weights))
      #expect(weights == expected)
    }
  }

  @Test func `Inexact sums come out with the same bytes each time`() throws {
    var shape = tessera_dnn_convolution_shape(
      2, 23, 19, 37, kernel: (3, 3), 41, padding: (1, 1, 1, 1))
    let source = wholeNumbers(shape.inputCount, seed: 1).map { 1 / ($0 + 4.3) }
    let weights = wholeNumbers(shape.weightsCount, seed: 2).map { 1 / ($0 + 4.7) }
    let gradient = wholeNumbers(shape.outputCount, seed: 3).map { 1 / ($0 + 4.9) }
    func run() throws -> [UInt32] {
      var (forward, backward): (OpaquePointer?, OpaquePointer?)
      try succeed(tessera_dnn_convolution_create(&shape, &forward))
      defer { tessera_dnn_convolution_destroy(forward) }
      try succeed(tessera_dnn_convolution_grad_weights_create(&shape, &backward))
      defer { tessera_dnn_convolution_grad_weights_destroy(backward) }
      var output = [Float](repeating: .nan, count: shape.outputCount)
      var weightsGradient = [Float](repeating: .nan, count: shape.weightsCount)
      var packed = room(tessera_dnn_convolution_packed_size(forward))
      try succeed(tessera_dnn_convolution_pack_weights(forward, weights, &packed))
      try succeed(tessera_dnn_convolution_execute(forward, source, packed, &output))
      try succeed(
        tessera_dnn_convolution_grad_weights_execute(backward, source, gradient, &weightsGradient))
      return (output + weightsGradient).map(\.bitPattern)
    }
    let first = try run()
    for _ in 0..<4 { #expect(try run() == first) }
  }

  @Test(arguments: [
    tessera_dnn_convolution_shape(1, 2, 2, 1, kernel: (3, 3), 1),
    .init(0, 4, 4, 1, kernel: (3, 3), 1),
    .init(1, 4, 4, 1, kernel: (3, 3), 1, stride: (0, 1)),
    .init(1, 4, 4, 1, kernel: (3, 3), 1, padding: (-1, 0, 0, 0)),
  ])
  func `Impossible shapes are refused`(shape: tessera_dnn_convolution_shape) {
    var shape = shape
    var handle = OpaquePointer(bitPattern: 1)
    #expect(name(tessera_dnn_convolution_create(&shape, &handle)) == invalidArguments)
    #expect(handle == nil)
    #expect(name(tessera_dnn_convolution_grad_weights_create(&shape, &handle)) == invalidArguments)
    tessera_dnn_convolution_destroy(nil)
  }

  @Test func `There is no run without packed weights`() throws {
    var shape = tessera_dnn_convolution_shape(1, 1, 1, 1, kernel: (1, 1), 1)
    var handle: OpaquePointer?
    try succeed(tessera_dnn_convolution_create(&shape, &handle))
    defer { tessera_dnn_convolution_destroy(handle) }
    var output: [Float] = [0]
    #expect(name(tessera_dnn_convolution_execute(handle, [1], nil, &output)) == invalidArguments)
  }

  @Test func `A handle runs on threads other than its maker's`() async throws {
    var shape = tessera_dnn_convolution_shape(1, 16, 16, 64, kernel: (3, 3), 64)
    var handle: OpaquePointer?
    try succeed(tessera_dnn_convolution_create(&shape, &handle))
    defer { tessera_dnn_convolution_destroy(handle) }
    let weights = wholeNumbers(shape.weightsCount, seed: 2)
    var packing = room(tessera_dnn_convolution_packed_size(handle))
    try succeed(tessera_dnn_convolution_pack_weights(handle, weights, &packing))
    let packed = packing
    let source = wholeNumbers(shape.inputCount, seed: 1)
    var expected = [Float](repeating: 0, count: shape.outputCount)
    shape.forEachProduct { expected[$2] += source[$0] * weights[$1] }
    nonisolated(unsafe) let shared = handle
    let count = shape.outputCount
    for _ in 0..<3 {
      let output = await Task.detached {
        var output = [Float](repeating: .nan, count: count)
        _ = tessera_dnn_convolution_execute(shared, source, packed, &output)
        return output
      }.value
      #expect(output == expected)
    }
  }
}

struct OneDNNMatmulTests {
  struct Case: CustomTestStringConvertible {
    var batchA = 1
    var batchB = 1
    let (m, n, k): (Int, Int, Int)

    var testDescription: String { "[\(batchA),\(m),\(k)] by [\(batchB),\(k),\(n)]" }
  }

  static let cases = [
    Case(m: 1, n: 1, k: 1), Case(m: 7, n: 5, k: 3), Case(m: 50, n: 96, k: 64),
    Case(m: 1, n: 33, k: 17), Case(m: 33, n: 1, k: 17),
    Case(batchA: 3, batchB: 3, m: 5, n: 9, k: 4),
    Case(batchA: 4, m: 6, n: 7, k: 8), Case(batchB: 4, m: 6, n: 7, k: 8),
    Case(batchA: 12, batchB: 12, m: 50, n: 50, k: 64),
  ]

  private func check(_ it: Case, transposeA: Bool, transposeB: Bool, constantB: Bool) throws {
    var shape = tessera_dnn_matmul_shape(
      batch_a: Int64(it.batchA), batch_b: Int64(it.batchB), m: Int64(it.m), n: Int64(it.n),
      k: Int64(it.k), transpose_a: transposeA, transpose_b: transposeB, constant_b: constantB)
    var handle: OpaquePointer?
    try succeed(tessera_dnn_matmul_create(&shape, &handle))
    defer { tessera_dnn_matmul_destroy(handle) }

    let a = wholeNumbers(it.batchA * it.m * it.k, seed: 1)
    let b = wholeNumbers(it.batchB * it.k * it.n, seed: 2)
    let batch = max(it.batchA, it.batchB)
    var expected = [Float](repeating: 0, count: batch * it.m * it.n)
    for i in 0..<batch {
      let startA = (it.batchA == 1 ? 0 : i) * it.m * it.k
      let startB = (it.batchB == 1 ? 0 : i) * it.k * it.n
      for row in 0..<it.m {
        for column in 0..<it.n {
          for inner in 0..<it.k {
            let atA = transposeA ? inner * it.m + row : row * it.k + inner
            let atB = transposeB ? column * it.k + inner : inner * it.n + column
            expected[(i * it.m + row) * it.n + column] += a[startA + atA] * b[startB + atB]
          }
        }
      }
    }
    var packed = room(tessera_dnn_matmul_packed_size(handle))
    #expect(packed.isEmpty == !constantB)
    if constantB { try succeed(tessera_dnn_matmul_pack_b(handle, b, &packed)) }
    for _ in 0..<2 {
      var c = [Float](repeating: .nan, count: expected.count)
      try succeed(tessera_dnn_matmul_execute(handle, a, constantB ? packed : b, &c))
      #expect(c == expected, "transposed: \(transposeA), \(transposeB); constant: \(constantB)")
    }
  }

  @Test(arguments: cases)
  func `A product equals its definition, however it is stored`(it: Case) throws {
    for transposeA in [false, true] {
      for transposeB in [false, true] {
        for constantB in [false, true] {
          try check(it, transposeA: transposeA, transposeB: transposeB, constantB: constantB)
        }
      }
    }
  }

  @Test func `Batches that do not match are refused`() {
    var shape = tessera_dnn_matmul_shape(
      batch_a: 2, batch_b: 3, m: 1, n: 1, k: 1, transpose_a: false, transpose_b: false,
      constant_b: false)
    var handle: OpaquePointer?
    #expect(name(tessera_dnn_matmul_create(&shape, &handle)) == invalidArguments)
    shape.batch_b = 2
    shape.k = 0
    #expect(name(tessera_dnn_matmul_create(&shape, &handle)) == invalidArguments)
  }

  @Test func `Only a constant operand is packed`() throws {
    var shape = tessera_dnn_matmul_shape(
      batch_a: 1, batch_b: 1, m: 1, n: 1, k: 1, transpose_a: false, transpose_b: false,
      constant_b: false)
    var handle: OpaquePointer?
    try succeed(tessera_dnn_matmul_create(&shape, &handle))
    defer { tessera_dnn_matmul_destroy(handle) }
    var packed: [Float] = [0]
    #expect(name(tessera_dnn_matmul_pack_b(handle, [1], &packed)) == invalidArguments)
  }
}
