import CHostKernels
import TensorGraph

/// A 3×3 convolution by Winograd's F(4×4, 3×3): a quarter of the products.
///
/// Of a large image the constant weights are transformed once, for four times their memory, and
/// tiles are shared out over the cores. Of a small one, whose channels are many, tiles are
/// transformed first and the weights in every run, panel by panel.
package final class WinogradConvolution: HostPrimitive {
  private let shape: tessera_winograd_shape
  private let keepsWeights: Bool

  /// Pixels of the output, all samples together, from which an image is large.
  private static let largePixels = 4096

  /// Nil unless `op` is such a convolution of channels in whole vectors, and this pays.
  /// - Parameter keepsWeights: whether to transform the weights once, as if the image were large;
  ///   nil to decide by its size.
  package init?(
    _ op: any Op, inputs: [TensorType], output: TensorType, isSecondConstant: Bool,
    keepsWeights: Bool? = nil
  ) {
    guard let op = op as? Conv2D, op.geometry.stride.area == 1, op.geometry.dilation.area == 1
    else { return nil }
    let (x, w, y) = (inputs[0].shape, inputs[1].shape, output.shape)
    guard w[0] == 3, w[1] == 3, x[3] % 16 == 0, y[3] % 32 == 0, output.elementCount > 0 else {
      return nil
    }
    let shape = tessera_winograd_shape(
      batch: Int64(x[0]), height: Int64(x[1]), width: Int64(x[2]), channels: Int64(x[3]),
      out_height: Int64(y[1]), out_width: Int64(y[2]), out_channels: Int64(y[3]),
      padding_top: Int64(op.geometry.padding.top), padding_left: Int64(op.geometry.padding.left))
    self.shape = shape
    if let keepsWeights {
      self.keepsWeights = keepsWeights
      return
    }
    let pixels = y[0] * y[1] * y[2]
    self.keepsWeights = pixels >= Self.largePixels
    // Of a few pixels, too many products are for tiles and blocks that are not whole, and reading
    // the weights takes as long as oneDNN does in all.
    let rows = withUnsafePointer(to: shape) { Int(tessera_winograd_rows($0)) }
    guard self.keepsWeights ? isSecondConstant : 3 * 36 * rows <= 9 * pixels else { return nil }
  }

  package var preparedCount: Int? {
    keepsWeights ? withUnsafePointer(to: shape) { tessera_winograd_weight_count($0) } : nil
  }

  package func prepare(_ second: HostTensor<Float>, into prepared: HostTensor<Float>) {
    withUnsafePointer(to: shape) { tessera_winograd_pack($0, second.pointer, prepared.pointer) }
  }

  package func run(_ inputs: [HostTensor<Float>], into output: HostTensor<Float>) {
    withUnsafePointer(to: shape) {
      keepsWeights ? runByTiles($0, inputs, output) : runByPanels($0, inputs, output)
    }
  }

  private func runByTiles(
    _ shape: UnsafePointer<tessera_winograd_shape>, _ inputs: [HostTensor<Float>],
    _ output: HostTensor<Float>
  ) {
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

  private func runByPanels(
    _ shape: UnsafePointer<tessera_winograd_shape>, _ inputs: [HostTensor<Float>],
    _ output: HostTensor<Float>
  ) {
    ScratchPool.withScratch(tessera_winograd_values_count(shape)) { values in
      WorkerPool.run(Int(tessera_winograd_tiles(shape))) { tiles in
        tessera_winograd_values(
          shape, Int64(tiles.lowerBound), Int64(tiles.count), inputs[0].pointer, values)
      }
      let scratch = tessera_winograd_panel_scratch_count(shape)
      WorkerPool.run(Int(shape.pointee.out_channels / 32)) { panels in
        ScratchPool.withScratch(scratch) { scratch in
          for panel in panels {
            tessera_winograd_panel(
              shape, Int64(panel), inputs[1].pointer, values, output.pointer, scratch)
          }
        }
      }
    }
  }
}
