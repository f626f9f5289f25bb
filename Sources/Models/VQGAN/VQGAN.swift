import Foundation
import TensorGraph
import Weights

/// The generator: an autoencoder of pictures whose latent is a grid of codes from a codebook.
///
/// Esser, Rombach and Ommer, "Taming Transformers for High-Resolution Image Synthesis" (2021);
/// `VQModel` of their taming-transformers. Images are channels-last.
public struct VQGAN {
  public let configuration: VQGANConfiguration
  /// The codes, [codes, channels].
  public let codebook: Tensor
  private let encoder: Encoder
  private let quantConv: Convolution
  private let postQuantConv: Convolution
  private let decoder: Decoder

  /// The generator of `checkpoint`, its weights as constants of `graph`.
  /// - Throws: ``WeightError`` for a tensor that is missing or has another shape, with its name.
  package init(_ checkpoint: VQGANCheckpoint, in graph: Graph) throws {
    let weights = ModelWeights(checkpoint.file.scope, in: graph)
    let c = checkpoint.configuration
    configuration = c
    codebook = try weights["quantize"]["embedding"].tensor("weight", [c.codeCount, c.codeChannels])
    encoder = try Encoder(weights["encoder"], c)
    quantConv = try Convolution(
      weights["quant_conv"], from: c.latentChannels * (c.hasDoubleLatent ? 2 : 1),
      to: c.codeChannels, kernel: 1)
    postQuantConv = try Convolution(
      weights["post_quant_conv"], from: c.codeChannels, to: c.latentChannels, kernel: 1)
    decoder = try Decoder(weights["decoder"], c)
  }

  /// Picture [N,H,W,3] in -1…1 → latent [N,H/f,W/f,channels], not yet quantised.
  public func encode(_ picture: Tensor) -> Tensor { quantConv(encoder(picture)) }

  /// Latent [N,h,w,channels] → index of the nearest code at every position, int32 [N·h·w].
  public func codes(of latent: Tensor) -> Tensor {
    latent.reshaped([-1, configuration.codeChannels]).nearestCodes(in: codebook)
  }

  /// Latent [N,h,w,channels] → the nearest codes, of its shape; gradients pass straight through.
  public func quantize(_ latent: Tensor) -> Tensor {
    codebook.gathered(codes(of: latent)).reshaped(latent.shape).straightThrough(to: latent)
  }

  /// Codes [N,h,w,channels] → picture [N,h·f,w·f,3], about -1…1.
  public func decode(_ quantized: Tensor) -> Tensor { decoder(postQuantConv(quantized)) }
}

/// A VQGAN's weights and sizes, opened and checked but not yet in any graph.
public struct VQGANCheckpoint: Sendable {
  public let file: WeightFile
  public let configuration: VQGANConfiguration

  /// - Parameter path: a `.safetensors`, `.ckpt` or `.pt`; its configuration is the `.yaml` of the
  ///   same name beside it.
  /// - Throws: ``WeightError`` or ``ModelError`` naming the file and what is wrong with it.
  public init(path: String) throws {
    file = try WeightFile(path: path)
    let yaml = URL(fileURLWithPath: path).deletingPathExtension().appendingPathExtension("yaml")
    configuration = try VQGANConfiguration(yaml: yaml.path)
    // Building the model checks every tensor's name and shape.
    _ = try VQGAN(self, in: Graph())
  }
}
