/// Which input pixels each output pixel of a pooling sees.
package enum PoolWindow: Hashable, Sendable {
  /// Squares of side `kernel`, `stride` apart, over an image with `padding` more pixels all round.
  case strided(kernel: Int, stride: Int, padding: Int)
  /// As many windows as the output has pixels, spread evenly; neighbours overlap where the
  /// extents do not divide.
  case adaptive(height: Int, width: Int)
}

/// The windows along one axis. Window i covers ⌊i·step / parts⌋ up to ⌈(i·step + span) / parts⌉ of
/// the padded axis, a form that strided (parts = 1) and adaptive windows (step = span) share.
package struct PoolAxis: Hashable, Sendable {
  package let inputExtent: Int
  package let outputExtent: Int
  let step: Int
  let parts: Int
  let span: Int
  let padding: Int

  init(input: Int, kernel: Int, stride: Int, padding: Int) {
    inputExtent = input
    outputExtent = (input + 2 * padding - kernel) / stride + 1
    (step, parts, span) = (stride, 1, kernel)
    self.padding = padding
  }

  init(input: Int, output: Int) {
    inputExtent = input
    outputExtent = output
    (step, parts, span) = (input, output, input)
    padding = 0
  }

  private func start(_ window: Int) -> Int { window * step / parts - padding }
  private func end(_ window: Int) -> Int { (window * step + span + parts - 1) / parts - padding }

  /// Extent of a window, padding included: what an average divides by.
  func length(_ window: Int) -> Int { end(window) - start(window) }

  /// The pixels of a window that exist.
  func pixels(_ window: Int) -> Range<Int> {
    max(start(window), 0)..<min(end(window), inputExtent)
  }

  /// The windows that contain `pixel`, found from the bounds solved for i.
  func windows(_ pixel: Int) -> Range<Int> {
    let beyond = (pixel + padding) * parts - span
    let first = beyond < 0 ? 0 : beyond / step + 1
    let last = ((pixel + padding + 1) * parts - 1) / step
    return first..<max(first, min(last + 1, outputExtent))
  }
}

/// A pooling of one shape: the windows of both axes, and what the kernels are told of them.
package struct PoolGeometry: Hashable, Sendable {
  package let batch: Int
  package let vertical: PoolAxis
  package let horizontal: PoolAxis
  package let channels: Int

  /// - Parameter input: [N,H,W,C].
  /// - Throws: ``ShapeError`` if a window would see no pixel.
  package init(_ window: PoolWindow, input: Shape) throws(ShapeError) {
    try require(input.count == 4, "\(input) is not [N,H,W,C]")
    batch = input[0]
    channels = input[3]
    switch window {
    case .strided(let kernel, let stride, let padding):
      let fits = kernel > 0 && stride > 0 && padding >= 0 && 2 * padding <= kernel
      try require(fits, "no windows of \(kernel), \(stride) apart, with padding \(padding)")
      let extent = min(input[1], input[2]) + 2 * padding
      try require(kernel <= extent, "windows of \(kernel) do not fit into \(input)")
      vertical = PoolAxis(input: input[1], kernel: kernel, stride: stride, padding: padding)
      horizontal = PoolAxis(input: input[2], kernel: kernel, stride: stride, padding: padding)
    case .adaptive(let height, let width):
      try require(height > 0 && width > 0, "cannot pool to \(height)×\(width)")
      vertical = PoolAxis(input: input[1], output: height)
      horizontal = PoolAxis(input: input[2], output: width)
    }
  }

  /// The geometry of an op whose inputs have been checked.
  init(checked window: PoolWindow, input: Shape) {
    do { self = try PoolGeometry(window, input: input) } catch { preconditionFailure("\(error)") }
  }

  package var inputShape: Shape {
    [batch, vertical.inputExtent, horizontal.inputExtent, channels]
  }
  package var outputShape: Shape {
    [batch, vertical.outputExtent, horizontal.outputExtent, channels]
  }

  /// Elements seen by all windows together, about.
  var reads: Int {
    outputShape.elementCount * (vertical.span / vertical.parts + 1)
      * (horizontal.span / horizontal.parts + 1)
  }

  /// What every pooling kernel is compiled with (`common/pooling.cl`).
  var defines: [String: Int] {
    [
      "HEIGHT": vertical.inputExtent, "WIDTH": horizontal.inputExtent, "CHANNELS": channels,
      "OUT_HEIGHT": vertical.outputExtent, "OUT_WIDTH": horizontal.outputExtent,
      "Y_STEP": vertical.step, "Y_PARTS": vertical.parts, "Y_SPAN": vertical.span,
      "X_STEP": horizontal.step, "X_PARTS": horizontal.parts, "X_SPAN": horizontal.span,
      "PADDING": vertical.padding,
    ]
  }
}
