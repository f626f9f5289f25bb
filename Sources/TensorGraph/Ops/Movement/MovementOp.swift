/// An op that only moves elements, by an affine map of indices: fused into pointwise readers, and a
/// copy where nothing can absorb it.
package protocol MovementOp: Op {
  /// Where each element of the output is found in an input of shape `input`.
  func stridedView(input: Shape, output: Shape) -> StridedView
}

extension MovementOp {
  package func cost(inputs: [TensorType], output: TensorType) -> Cost {
    Cost(flops: 0, bytes: 2 * output.byteCount)
  }

  package func units(inputs: [TensorType], output: TensorType) -> Int {
    PointwiseProgram.units(output.elementCount)
  }

  private func copy<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    let view = stridedView(input: inputs[0].shape, output: output.shape)
    let range = PointwiseProgram.elements(of: units, count: output.count)
    view.gather(inputs[0].pointer, range, into: output.pointer + range.lowerBound)
  }

  package func evaluate(
    _ inputs: [HostTensor<Float>], into output: HostTensor<Float>, units: Range<Int>
  ) {
    copy(inputs, into: output, units: units)
  }

  package func evaluate(
    _ inputs: [HostTensor<Double>], into output: HostTensor<Double>, units: Range<Int>
  ) {
    copy(inputs, into: output, units: units)
  }

  package var variants: [KernelVariant] {
    KernelVariant.pointwise {
      PointwiseProgram(reading: stridedView(input: $0.inputs[0].shape, output: $0.output.shape))
    }
  }
}

/// A movement whose output is a run of its input's elements, and lies where they do.
package protocol ViewOp: MovementOp {
  /// Where the run begins, in elements.
  var offset: Int { get }
}
