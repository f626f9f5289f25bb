import CHostKernels
import TensorGraph

/// A convolution to at most four outputs, such as a picture's three, of channels in whole vectors:
/// oneDNN's reaches a sixth of its product's speed there.
package final class FewOutputsConvolution: HostPrimitive {
  private let shape: tessera_few_outputs_shape
  private let weightCount: Int
  /// Rows of all samples of the output.
  private let rows: Int

  package init?(_ op: any Op, inputs: [TensorType], output: TensorType) {
    guard let op = op as? Conv2D, op.geometry.dilation.area == 1 else { return nil }
    let (x, w, y) = (inputs[0].shape, inputs[1].shape, output.shape)
    guard x[3] % 16 == 0, y[3] <= 4 else { return nil }
    let (stride, padding) = (op.geometry.stride, op.geometry.padding)
    shape = tessera_few_outputs_shape(
      height: Int64(x[1]), width: Int64(x[2]), channels: Int64(x[3]), kernel_height: Int64(w[0]),
      kernel_width: Int64(w[1]), out_height: Int64(y[1]), out_width: Int64(y[2]),
      outputs: Int64(y[3]), stride_h: Int64(stride.height), stride_w: Int64(stride.width),
      padding_top: Int64(padding.top), padding_left: Int64(padding.left))
    weightCount = inputs[1].elementCount
    rows = y[0] * y[1]
  }

  package func run(_ inputs: [HostTensor<Float>], into output: HostTensor<Float>) {
    withUnsafePointer(to: shape) { shape in
      ScratchPool.withScratch(weightCount) { taps in
        tessera_few_outputs_pack(shape, inputs[1].pointer, taps)
        WorkerPool.run(rows) { rows in
          tessera_few_outputs_rows(
            shape, inputs[0].pointer, taps, Int64(rows.lowerBound), Int64(rows.upperBound),
            output.pointer)
        }
      }
    }
  }
}
