import CHostKernels
import TensorGraph

/// A convolution by Winograd's F(6×6, 3×3) or F(4×4, 3×3), or by F(5×5, 2×2) where 4×4 taps are
/// four times 2×2: a fifth or a quarter of the products, or a third.
///
/// Of a large image and 3×3 taps the constant weights are transformed once, for four or seven times
/// their memory, and tiles are shared out over the cores. Otherwise tiles are transformed first and
/// the weights in every run, panel by panel.
package final class WinogradConvolution: HostPrimitive {
  private let shape: tessera_winograd_shape
  private let tileCount: Int
  private let stripTiles: Int
  private let keepsWeights: Bool

  /// Pixels of the output, all samples together, from which an image is large.
  private static let largePixels = 4096

  /// Nil unless `op` is such a convolution of channels in whole vectors, and this pays.
  /// - Parameter keepsWeights: whether to transform the weights once, as if the image were large;
  ///   nil to decide by its size. Of 4×4 taps they never are.
  package init?(
    _ op: any Op, inputs: [TensorType], output: TensorType, isSecondConstant: Bool,
    keepsWeights: Bool? = nil
  ) {
    guard let op = op as? Conv2D, output.elementCount > 0 else { return nil }
    let (x, w, y) = (inputs[0].shape, inputs[1].shape, output.shape)
    guard let tiles = WinogradTiles(op.geometry, image: x, kernel: w, output: y), y[3] % 32 == 0
    else { return nil }
    shape = tessera_winograd_shape(
      batch: Int64(x[0]), height: Int64(x[1]), width: Int64(x[2]), channels: Int64(x[3]),
      out_height: Int64(y[1]), out_width: Int64(y[2]), out_channels: Int64(y[3]),
      in_phases: CInt(tiles.inPhases), out_phases: CInt(tiles.outPhases), side: CInt(tiles.side),
      tiles_down: Int64(tiles.high), tiles_across: Int64(tiles.wide),
      padding_top: Int64(tiles.padding.top), padding_left: Int64(tiles.padding.left),
      shift_top: Int64(tiles.shift.height), shift_left: Int64(tiles.shift.width))
    tileCount = tiles.count
    stripTiles = tiles.stripCount
    guard tiles.phases == 1 else {
      self.keepsWeights = false
      return
    }
    if let keepsWeights {
      self.keepsWeights = keepsWeights
      return
    }
    let pixels = y[0] * y[1] * y[2]
    self.keepsWeights = pixels >= Self.largePixels
    // Of a few pixels, too many products are for tiles and blocks that are not whole, and reading
    // the weights takes as long as oneDNN does in all.
    let rows = (tiles.count + 3) / 4 * 4
    guard self.keepsWeights ? isSecondConstant : 3 * tiles.places * rows <= 9 * pixels else {
      return nil
    }
  }

  package var preparedCount: Int? {
    keepsWeights ? withUnsafePointer(to: shape) { tessera_winograd_weight_count($0) } : nil
  }

  /// All tiles of one side share the transformed weights.
  package var preparedLayout: [Int64]? { keepsWeights ? [0, Int64(shape.side)] : nil }

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
    let scratch = tessera_winograd_panel_scratch_count(shape, Int64(stripTiles))
    let valueCount = tessera_winograd_values_count(shape, Int64(stripTiles))
    ScratchPool.withScratch(valueCount) { values in
      for first in stride(from: 0, to: tileCount, by: stripTiles) {
        let strip = tessera_winograd_strip(
          first: Int64(first), count: Int64(min(stripTiles, tileCount - first)))
        WorkerPool.run(Int(strip.count)) { tiles in
          tessera_winograd_values(
            shape, strip, Int64(tiles.lowerBound), Int64(tiles.count), inputs[0].pointer, values)
        }
        WorkerPool.run(Int(tessera_winograd_panels(shape))) { panels in
          ScratchPool.withScratch(scratch) { scratch in
            for panel in panels {
              tessera_winograd_panel(
                shape, strip, Int64(panel), inputs[1].pointer, values, output.pointer, scratch)
            }
          }
        }
      }
    }
  }
}
