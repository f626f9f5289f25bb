import CHostKernels
import TensorGraph

/// A 3×3 convolution with constant weights by Winograd's F(4×4, 3×3): a quarter of the products,
/// for four times the memory of the weights.
package final class WinogradConvolution: HostPrimitive {
  private let shape: tessera_winograd_shape

  /// Fewer pixels are not worth the memory of the weights.
  private static let leastPixels = 4096

  /// Nil unless `op` is such a convolution, of enough pixels and of channels in whole vectors.
  /// - Parameter leastPixels: of the output, all samples together.
  package init?(
    _ op: any Op, inputs: [TensorType], output: TensorType, leastPixels: Int = leastPixels
  ) {
    guard let op = op as? Conv2D, op.geometry.stride.area == 1, op.geometry.dilation.area == 1
    else { return nil }
    let (x, w, y) = (inputs[0].shape, inputs[1].shape, output.shape)
    guard w[0] == 3, w[1] == 3, x[3] % 16 == 0, y[3] % 32 == 0, output.elementCount > 0,
      y[0] * y[1] * y[2] >= leastPixels
    else { return nil }
    shape = tessera_winograd_shape(
      batch: Int64(x[0]), height: Int64(x[1]), width: Int64(x[2]), channels: Int64(x[3]),
      out_height: Int64(y[1]), out_width: Int64(y[2]), out_channels: Int64(y[3]),
      padding_top: Int64(op.geometry.padding.top), padding_left: Int64(op.geometry.padding.left))
  }

  package var preparedCount: Int? {
    withUnsafePointer(to: shape) { tessera_winograd_weight_count($0) }
  }

  package func prepare(_ second: HostTensor<Float>, into prepared: HostTensor<Float>) {
    withUnsafePointer(to: shape) { tessera_winograd_pack($0, second.pointer, prepared.pointer) }
  }

  package func run(_ inputs: [HostTensor<Float>], into output: HostTensor<Float>) {
    withUnsafePointer(to: shape) { shape in
      let scratch = tessera_winograd_scratch_count(shape)
      WorkerPool.run(Int(tessera_winograd_parts(shape))) { parts in
        ScratchPool.withScratch(scratch) { scratch in
          for part in parts {
            tessera_winograd_part(
              shape, Int64(part), inputs[0].pointer, inputs[1].pointer, output.pointer, scratch)
          }
        }
      }
    }
  }
}
