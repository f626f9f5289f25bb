import CHostKernels
import TensorGraph

/// A convolution of every channel by itself, or its gradient with respect to the weight.
package final class DepthwiseConvolution: HostPrimitive {
  private let shape: tessera_depthwise_shape
  private let isGradWeight: Bool
  /// Rows of all samples of the output, or of its gradient.
  private let rows: Int
  private let weightCount: Int

  package init?(_ op: any Op, inputs: [TensorType], output: TensorType) {
    let (geometry, w, y): (ConvolutionGeometry, Shape, Shape)
    switch op {
    case let op as DepthwiseConv2D:
      (geometry, w, y) = (op.geometry, inputs[1].shape, output.shape)
      isGradWeight = false
    case let op as DepthwiseConv2DGradWeight where op.geometry.dilation.area == 1:
      (geometry, w, y) = (op.geometry, output.shape, inputs[1].shape)
      isGradWeight = true
    default: return nil
    }
    let x = inputs[0].shape
    shape = tessera_depthwise_shape(
      height: Int64(x[1]), width: Int64(x[2]), channels: Int64(x[3]),
      kernel_height: Int64(w[0]), kernel_width: Int64(w[1]), out_height: Int64(y[1]),
      out_width: Int64(y[2]), stride_h: Int64(geometry.stride.height),
      stride_w: Int64(geometry.stride.width), dilation_h: Int64(geometry.dilation.height),
      dilation_w: Int64(geometry.dilation.width), padding_top: Int64(geometry.padding.top),
      padding_left: Int64(geometry.padding.left))
    rows = y[0] * y[1]
    weightCount = w.elementCount
  }

  package func run(_ inputs: [HostTensor<Float>], into output: HostTensor<Float>) {
    withUnsafePointer(to: shape) { shape in
      if isGradWeight { return gradWeight(shape, inputs, output) }
      WorkerPool.run(rows) { rows in
        tessera_depthwise_rows(
          shape, inputs[0].pointer, inputs[1].pointer, Int64(rows.lowerBound),
          Int64(rows.upperBound), output.pointer)
      }
    }
  }

  /// Channels of a unit of the weight's gradient: whole cache lines, several beside each other.
  private static let channelCount = 128

  /// Sums over chunks of rows, then of the chunks in their order; neither depends on the number of
  /// threads.
  private func gradWeight(
    _ shape: UnsafePointer<tessera_depthwise_shape>, _ inputs: [HostTensor<Float>],
    _ output: HostTensor<Float>
  ) {
    let channels = Int(self.shape.channels)
    let places = weightCount / channels
    // A chunk has so many pixels that adding its sums costs little.
    let chunkRows = max(8 * places / Int(self.shape.out_width) + 1, (rows + 63) / 64)
    let chunks = (rows + chunkRows - 1) / chunkRows
    let strips = (channels + Self.channelCount - 1) / Self.channelCount
    ScratchPool.withScratch(chunks * weightCount) { sums in
      WorkerPool.run(chunks * strips) { units in
        for unit in units {
          let (chunk, channel) = (unit / strips, unit % strips * Self.channelCount)
          tessera_depthwise_grad_weights(
            shape, inputs[0].pointer, inputs[1].pointer, Int64(chunk * chunkRows),
            Int64(min(rows, (chunk + 1) * chunkRows)), Int64(channel),
            Int64(min(Self.channelCount, channels - channel)), sums + chunk * weightCount)
        }
      }
      WorkerPool.run(places) { places in
        let start = places.lowerBound * channels
        let count = places.count * channels
        output.pointer.advanced(by: start).update(from: sums + start, count: count)
        for chunk in 1..<max(chunks, 1) {
          let part = sums + chunk * weightCount + start
          tessera_add(output.pointer + start, part, output.pointer + start, Int64(count))
        }
      }
    }
  }
}
