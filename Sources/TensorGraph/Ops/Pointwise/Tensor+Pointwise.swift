extension Tensor {
  /// Elementwise operators broadcast: axes are matched from the last, extents 1 stretch.
  public static func + (a: Tensor, b: Tensor) -> Tensor { a.combined(Add(), b) }
  public static func - (a: Tensor, b: Tensor) -> Tensor { a.combined(Subtract(), b) }
  public static func * (a: Tensor, b: Tensor) -> Tensor { a.combined(Multiply(), b) }
  public static func / (a: Tensor, b: Tensor) -> Tensor { a.combined(Divide(), b) }
  public static prefix func - (a: Tensor) -> Tensor { a.graph.apply(Negate(), [a]) }

  public static func + (a: Tensor, b: Float) -> Tensor { a + a.fullLike(b) }
  public static func + (a: Float, b: Tensor) -> Tensor { b.fullLike(a) + b }
  public static func - (a: Tensor, b: Float) -> Tensor { a - a.fullLike(b) }
  public static func - (a: Float, b: Tensor) -> Tensor { b.fullLike(a) - b }
  public static func * (a: Tensor, b: Float) -> Tensor { a * a.fullLike(b) }
  public static func * (a: Float, b: Tensor) -> Tensor { b.fullLike(a) * b }
  public static func / (a: Tensor, b: Float) -> Tensor { a / a.fullLike(b) }
  public static func / (a: Float, b: Tensor) -> Tensor { b.fullLike(a) / b }

  /// A tensor of this shape with `value` everywhere.
  public func fullLike(_ value: Float) -> Tensor { graph.fill(value, shape) }

  public func maximum(_ other: Tensor) -> Tensor { combined(Maximum(), other) }
  public func minimum(_ other: Tensor) -> Tensor { combined(Minimum(), other) }

  /// 1 where this is at least `other`, else 0.
  public func greaterOrEqual(_ other: Tensor) -> Tensor { combined(GreaterOrEqual(), other) }

  /// `a` where this is not 0, else `b`; all of one shape.
  public func select(_ a: Tensor, _ b: Tensor) -> Tensor { graph.apply(Select(), [self, a, b]) }

  /// 1 for a number, 0 for an infinity or what is not a number.
  public func isFinite() -> Tensor { graph.apply(IsFinite(), [self]) }

  public func exponential() -> Tensor { graph.apply(Exponential(), [self]) }
  /// eˣ − 1, exact near zero.
  public func exponentialMinusOne() -> Tensor { graph.apply(ExponentialMinusOne(), [self]) }
  public func logarithm() -> Tensor { graph.apply(Logarithm(), [self]) }
  public func squareRoot() -> Tensor { graph.apply(SquareRoot(), [self]) }
  public func sine() -> Tensor { graph.apply(Sine(), [self]) }
  public func cosine() -> Tensor { graph.apply(Cosine(), [self]) }
  public func arcSine() -> Tensor { graph.apply(ArcSine(), [self]) }
  public func sigmoid() -> Tensor { graph.apply(Sigmoid(), [self]) }

  /// max(0, x); no gradient passes at 0.
  public func relu() -> Tensor { fullLike(0).maximum(self) }

  /// x where it is positive, else slope·x.
  ///
  /// - Parameter slope: from 0 to 1.
  public func leakyReLU(slope: Float) -> Tensor { (slope * self).maximum(self) }

  /// |x|; its slope at 0 is 1.
  public func absolute() -> Tensor { maximum(-self) }

  /// x·σ(x): the activation of VQGAN, also called SiLU.
  public func swish() -> Tensor { self * sigmoid() }

  /// x·σ(1.702·x): the activation of OpenAI's CLIP.
  public func quickGELU() -> Tensor { self * (1.702 * self).sigmoid() }

  /// x·Φ(x), exact: the activation of OpenCLIP's models.
  public func gelu() -> Tensor {
    0.5 * self * (1 + graph.apply(ErrorFunction(), [self * Float(0.5.squareRoot())]))
  }

  /// Clamps to `range`; see ``ClampWithGradient`` for what the gradient does outside it.
  public func clampedWithGradient(to range: ClosedRange<Float>) -> Tensor {
    graph.apply(ClampWithGradient(range), [self])
  }

  /// This value; gradients go to `source` unchanged.
  public func straightThrough(to source: Tensor) -> Tensor {
    graph.apply(StraightThrough(), [self, source])
  }

  private func combined(_ op: some PointwiseOp, _ other: Tensor) -> Tensor {
    let shape = broadcastShape(op.name, other)
    return graph.apply(op, [broadcast(to: shape), other.broadcast(to: shape)])
  }

  /// Common shape with `other` under broadcasting; traps, naming both, when there is none.
  private func broadcastShape(_ op: String, _ other: Tensor) -> Shape {
    let rank = Swift.max(shape.count, other.shape.count)
    let left = Shape(repeating: 1, count: rank - shape.count) + shape
    let right = Shape(repeating: 1, count: rank - other.shape.count) + other.shape
    graph.check(
      zip(left, right).allSatisfy { $0 == $1 || $0 == 1 || $1 == 1 }, op, [self, other],
      "\(type) and \(other.type) do not broadcast")
    return zip(left, right).map { Swift.max($0, $1) }
  }
}
