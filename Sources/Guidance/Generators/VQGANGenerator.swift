import Execution
import Imaging
import Inference
import Models
import TensorGraph

/// A VQGAN: the parameter is its latent, replaced by the nearest codes before it is decoded.
///
/// Crowson et al., "VQGAN-CLIP" (ECCV 2022). Gradients pass the quantisation straight through.
public struct VQGANGenerator: Generator {
  public static let name = "vqgan"
  /// The parameter [1,H/f,W/f,channels].
  package static let latentName = "latent"

  package let configuration: VQGANConfiguration
  private let tensors: any ModelTensors
  /// Nil for random weights, which can only be traced.
  private let checkpoint: VQGANCheckpoint?

  /// - Parameter path: the weights, with their `.yaml` beside them.
  public init(path: String) throws {
    let checkpoint = try VQGANCheckpoint(path: path)
    (configuration, tensors) = (checkpoint.configuration, checkpoint.weights)
    self.checkpoint = checkpoint
  }

  /// A generator to measure: of these sizes, with weights that no file holds.
  package init(_ configuration: VQGANConfiguration, _ tensors: any ModelTensors) {
    (self.configuration, self.tensors, checkpoint) = (configuration, tensors, nil)
  }

  public var factor: Int { configuration.factor }

  /// [1,rows,columns,channels] of a picture of this size.
  package func latentShape(width: Int, height: Int) -> Shape {
    [1, height / factor, width / factor, configuration.codeChannels]
  }

  public func trace(in graph: Graph, width: Int, height: Int) throws -> TracedGenerator {
    let model = try VQGAN(configuration, ModelWeights(tensors, in: graph))
    let shape = latentShape(width: width, height: height)
    let latent = graph.variable(Self.latentName, shape, .float32, .zeros)
    let decoded = model.decode(model.quantize(latent))
    let picture = graph.scope("picture") { (0.5 * (decoded + 1)).clampedWithGradient(to: 0...1) }
    // Clamp to the codebook's range: beyond it the nearest code no longer changes.
    let highest = model.codebook.max(axes: [0]).reshaped([shape[3]])
    let lowest = -((-model.codebook).max(axes: [0]).reshaped([shape[3]]))
    return TracedGenerator(
      parameters: [
        .init(Self.latentName, latent) { $0.minimum(highest).maximum(lowest) }
      ], picture: picture)
  }

  /// A random code at every position.
  public func randomStart(
    width: Int, height: Int, seed: UInt64, number: Int
  ) throws -> ParameterValues {
    let shape = latentShape(width: width, height: height)
    let random = Philox(seed: seed)
    let count = UInt32(configuration.codeCount)
    let codes = (0..<shape[1] * shape[2]).map { position in
      let words = random.words([UInt32(position), UInt32(number), 0, RandomPurpose.start])
      return Int32(words.x.multipliedFullWidth(by: count).high)
    }
    return try latent(ofCodes: codes, shape)
  }

  public func encode(_ picture: Image, on device: ComputeDevice) throws -> ParameterValues {
    let codes = try PictureCodec(opened(), device: device).encode(picture).codes
    return try latent(ofCodes: codes, latentShape(width: picture.width, height: picture.height))
  }

  /// The latent, bilinear between its positions: codes stay as sharp as they are, where an enlarged
  /// picture would be encoded to blurred ones.
  public func enlarge(
    _ values: ParameterValues, picture: Image, width: Int, height: Int, on device: ComputeDevice
  ) throws -> ParameterValues {
    let shape = latentShape(width: width, height: height)
    return values.mapValues { $0.resampled(height: shape[1], width: shape[2]) }
  }

  private func opened() -> VQGANCheckpoint {
    guard let checkpoint else { preconditionFailure("random weights encode nothing") }
    return checkpoint
  }

  /// The rows of the codebook that `codes` name.
  private func latent(ofCodes codes: [Int32], _ shape: Shape) throws -> ParameterValues {
    [Self.latentName: HostTensor(shape: shape, try opened().latent(ofCodes: codes))]
  }
}

extension HostTensor<Float> {
  /// This [1,h,w,C] as [1,height,width,C], bilinear between the centres of its positions.
  fileprivate func resampled(height: Int, width: Int) -> HostTensor<Float> {
    let (rows, columns, channels) = (shape[1], shape[2], shape[3])
    func place(_ index: Int, _ count: Int, of extent: Int) -> (first: Int, next: Int, share: Float) {
      let place = (Float(index) + 0.5) * Float(extent) / Float(count) - 0.5
      let inside = Swift.min(Swift.max(place, 0), Float(extent - 1))
      let first = Int(inside)
      return (first, Swift.min(first + 1, extent - 1), inside - Float(first))
    }
    let result = HostTensor<Float>(shape: [1, height, width, channels])
    for y in 0..<height {
      let row = place(y, height, of: rows)
      for x in 0..<width {
        let column = place(x, width, of: columns)
        for channel in 0..<channels {
          func value(_ y: Int, _ x: Int) -> Float { self[(y * columns + x) * channels + channel] }
          func line(_ y: Int) -> Float {
            value(y, column.first) * (1 - column.share) + value(y, column.next) * column.share
          }
          result[(y * width + x) * channels + channel] =
            line(row.first) * (1 - row.share) + line(row.next) * row.share
        }
      }
    }
    return result
  }
}
