import COneDNN
import TensorGraph

/// A matrix product or convolution planned by oneDNN for fixed shapes.
///
/// May be used from any thread, by one at a time; oneDNN itself spreads each run over the cores.
package final class OneDNNPrimitive: HostPrimitive {
  private enum Handle {
    case matmul(OpaquePointer)
    case convolution(OpaquePointer)
    case convolutionGradWeight(OpaquePointer)
  }

  private let handle: Handle
  private let label: String
  private let isSecondConstant: Bool
  /// True if the right operand of a product is stored transposed.
  private let isSecondTransposed: Bool
  /// For the packed second input where that changes from run to run.
  private var packed: HostTensor<Float>?
  private let expansion: ImageExpansion?

  /// Plans `op`, or returns nil if oneDNN has no primitive for it: the reference then computes it.
  ///
  /// - Parameter isSecondConstant: whether runs are given a right operand or weight that was
  ///   prepared.
  /// - Throws: ``OneDNNError`` if there is a primitive but oneDNN cannot plan it.
  package init?(
    _ op: any Op, inputs: [TensorType], output: TensorType, isSecondConstant: Bool = false
  ) throws(OneDNNError) {
    let shapes = inputs.map(\.shape)
    guard output.elementCount > 0, shapes.allSatisfy({ $0.elementCount > 0 }) else { return nil }
    label = "\(op.name) of \(inputs.map(\.description).joined(separator: " and "))"
    self.isSecondConstant = isSecondConstant
    isSecondTransposed = (op as? MatMul)?.transposeB ?? false
    switch op {
    case let op as MatMul:
      expansion = nil
      let shape = tessera_dnn_matmul_shape(op, shapes, constantB: isSecondConstant)
      handle = .matmul(try Self.create(label, shape, tessera_dnn_matmul_create))
    case let op as Conv2D:
      expansion = ImageExpansion(op.geometry, image: shapes[0])
      let shape = tessera_dnn_convolution_shape(
        op.geometry, image: shapes[0], kernel: shapes[1], expansion)
      handle = .convolution(try Self.create(label, shape, tessera_dnn_convolution_create))
    case let op as Conv2DGradWeight:
      expansion = ImageExpansion(op.geometry, image: shapes[0])
      let shape = tessera_dnn_convolution_shape(
        op.geometry, image: shapes[0], kernel: output.shape, expansion)
      handle = .convolutionGradWeight(
        try Self.create(label, shape, tessera_dnn_convolution_grad_weights_create))
    default:
      return nil
    }
  }

  deinit {
    switch handle {
    case .matmul(let pointer): tessera_dnn_matmul_destroy(pointer)
    case .convolution(let pointer): tessera_dnn_convolution_destroy(pointer)
    case .convolutionGradWeight(let pointer):
      tessera_dnn_convolution_grad_weights_destroy(pointer)
    }
  }

  package var preparedCount: Int? {
    guard isSecondConstant else { return nil }
    switch handle {
    case .matmul(let pointer): return (tessera_dnn_matmul_packed_size(pointer) + 3) / 4
    case .convolution(let pointer): return (tessera_dnn_convolution_packed_size(pointer) + 3) / 4
    case .convolutionGradWeight: return nil
    }
  }

  package var preparedLayout: [Int64]? {
    guard isSecondConstant else { return nil }
    let (kind, layout): (Int64, tessera_dnn_layout)
    switch handle {
    case .matmul(let pointer):
      (kind, layout) = (isSecondTransposed ? 2 : 1, tessera_dnn_matmul_packed_layout(pointer))
    case .convolution(let pointer):
      (kind, layout) = (3, tessera_dnn_convolution_packed_layout(pointer))
    case .convolutionGradWeight: return nil
    }
    guard layout.count > 0 else { return nil }
    return withUnsafeBytes(of: layout.values) {
      [kind] + $0.bindMemory(to: Int64.self).prefix(Int(layout.count))
    }
  }

  package func prepare(
    _ second: HostTensor<Float>, into prepared: HostTensor<Float>
  ) throws(OneDNNError) {
    defer { withExtendedLifetime((second, prepared)) {} }
    switch handle {
    case .matmul(let pointer):
      try check(tessera_dnn_matmul_pack_b(pointer, second.pointer, prepared.pointer))
    case .convolution(let pointer):
      try check(tessera_dnn_convolution_pack_weights(pointer, second.pointer, prepared.pointer))
    case .convolutionGradWeight:
      preconditionFailure("\(label) has no constant second input")
    }
  }

  package func run(
    _ inputs: [HostTensor<Float>], into output: HostTensor<Float>
  ) throws(OneDNNError) {
    let first = expansion?.expand(inputs[0].pointer) ?? UnsafePointer(inputs[0].pointer)
    let second = inputs[1].pointer
    let output = output.pointer
    defer { withExtendedLifetime(inputs) {} }
    switch handle {
    case .matmul(let pointer):
      try check(tessera_dnn_matmul_execute(pointer, first, second, output))
    case .convolution(let pointer):
      let weights = isSecondConstant ? inputs[1] : try packed(inputs[1], pointer)
      try check(tessera_dnn_convolution_execute(pointer, first, weights.pointer, output))
    case .convolutionGradWeight(let pointer):
      try check(
        tessera_dnn_convolution_grad_weights_execute(pointer, first, second, output))
    }
  }

  /// Weights that may have changed since the last run.
  private func packed(
    _ weights: HostTensor<Float>, _ pointer: OpaquePointer
  ) throws(OneDNNError) -> HostTensor<Float> {
    let room =
      packed ?? HostTensor(shape: [(tessera_dnn_convolution_packed_size(pointer) + 3) / 4])
    packed = room
    try prepare(weights, into: room)
    return room
  }

  private func check(_ status: CInt) throws(OneDNNError) {
    if status != 0 { throw OneDNNError(label: label, status: status) }
  }

  private static func create<Shape>(
    _ label: String, _ shape: Shape,
    _ create: (UnsafePointer<Shape>?, UnsafeMutablePointer<OpaquePointer?>?) -> CInt
  ) throws(OneDNNError) -> OpaquePointer {
    var pointer: OpaquePointer?
    let status = withUnsafePointer(to: shape) { create($0, &pointer) }
    guard status == 0, let pointer else { throw OneDNNError(label: label, status: status) }
    return pointer
  }
}

/// A call that oneDNN refused.
package struct OneDNNError: Error, CustomStringConvertible {
  /// Op and shapes.
  package let label: String
  package let status: CInt

  package var description: String {
    let version = tessera_dnn_version()
    return "oneDNN \(version / 100).\(version % 100) failed in \(label): "
      + String(cString: tessera_dnn_status_name(status))
  }
}

/// An image with its dilation and padding written out, for geometries oneDNN does not know: zeros
/// between the pixels, and cropping.
private final class ImageExpansion {
  private let geometry: ConvolutionGeometry
  private let image: Shape
  /// [N,H,W,C] with everything written out.
  let shape: Shape
  private let pixels: HostTensor<Float>

  /// Nil where oneDNN takes `image` as it is.
  init?(_ geometry: ConvolutionGeometry, image: Shape) {
    let padding = geometry.padding
    let isCropped = min(padding.top, padding.bottom, padding.left, padding.right) < 0
    guard isCropped || geometry.dilation.area > 1 else { return nil }
    self.geometry = geometry
    self.image = image
    shape = [
      image[0], (image[1] - 1) * geometry.dilation.height + 1 + padding.top + padding.bottom,
      (image[2] - 1) * geometry.dilation.width + 1 + padding.left + padding.right, image[3],
    ]
    pixels = HostTensor(shape: shape)
  }

  /// The expanded image; the zeros are there from the start.
  func expand(_ source: UnsafePointer<Float>) -> UnsafePointer<Float> {
    let (dilation, padding) = (geometry.dilation, geometry.padding)
    let channels = image[3]
    for row in 0..<image[0] * image[1] {
      let h = row % image[1] * dilation.height + padding.top
      guard (0..<shape[1]).contains(h) else { continue }
      let target = pixels.pointer + (row / image[1] * shape[1] + h) * shape[2] * channels
      for column in 0..<image[2] {
        let w = column * dilation.width + padding.left
        guard (0..<shape[2]).contains(w) else { continue }
        (target + w * channels).update(
          from: source + (row * image[2] + column) * channels, count: channels)
      }
    }
    return UnsafePointer(pixels.pointer)
  }
}

extension tessera_dnn_matmul_shape {
  fileprivate init(_ op: MatMul, _ shapes: [Shape], constantB: Bool) {
    let extents = op.extents(shapes[0], shapes[1])
    self.init(
      batch_a: Int64(shapes[0].count == 3 ? shapes[0][0] : 1),
      batch_b: Int64(shapes[1].count == 3 ? shapes[1][0] : 1),
      m: Int64(extents.m), n: Int64(extents.n), k: Int64(extents.k),
      transpose_a: op.transposeA, transpose_b: op.transposeB, constant_b: constantB)
  }
}

extension tessera_dnn_convolution_shape {
  fileprivate init(
    _ geometry: ConvolutionGeometry, image: Shape, kernel: Shape, _ expansion: ImageExpansion?
  ) {
    let image = expansion?.shape ?? image
    let padding = expansion == nil ? geometry.padding : Padding(all: 0)
    self.init(
      batch: Int64(image[0]), height: Int64(image[1]), width: Int64(image[2]),
      channels: Int64(image[3]), kernel_height: Int64(kernel[0]), kernel_width: Int64(kernel[1]),
      output_channels: Int64(kernel[3]), stride_height: Int64(geometry.stride.height),
      stride_width: Int64(geometry.stride.width), padding_top: Int64(padding.top),
      padding_left: Int64(padding.left), padding_bottom: Int64(padding.bottom),
      padding_right: Int64(padding.right))
  }
}
