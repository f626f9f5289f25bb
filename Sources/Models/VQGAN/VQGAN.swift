import TensorGraph
import Weights

/// The generator: an autoencoder of pictures whose latent is a grid of codes from a codebook.
///
/// Esser, Rombach and Ommer, "Taming Transformers for High-Resolution Image Synthesis" (2021);
/// `VQModel` and `GumbelVQ` of their taming-transformers. Images are channels-last.
public struct VQGAN {
  public let configuration: VQGANConfiguration
  /// The codes, [codes, channels].
  public let codebook: Tensor
  private let encoder: Encoder
  private let quantConv: Convolution
  /// The logit of every code, from what is encoded; nil where the nearest code is chosen.
  private let logits: Convolution?
  private let postQuantConv: Convolution
  private let decoder: Decoder

  /// The generator of `checkpoint`, its weights as constants of `graph`.
  /// - Throws: ``WeightError`` for a tensor that is missing or has another shape, with its name.
  package init(_ checkpoint: VQGANCheckpoint, in graph: Graph) throws {
    try self.init(checkpoint.configuration, ModelWeights(checkpoint.weights, in: graph))
  }

  /// A generator of these sizes, its weights as constants of their graph.
  package init(_ configuration: VQGANConfiguration, _ weights: ModelWeights) throws {
    self.configuration = configuration
    let c = configuration
    let quantize = weights["quantize"]
    codebook = try quantize[c.quantizer.codebookName]
      .tensor("weight", [c.codeCount, c.codeChannels])
    encoder = try Encoder(weights["encoder"], c)
    quantConv = try Convolution(
      weights["quant_conv"], from: c.latentChannels * (c.hasDoubleLatent ? 2 : 1),
      to: c.codeChannels, kernel: 1)
    logits = c.quantizer == .nearestCode
      ? nil
      : try Convolution(quantize["proj"], from: c.codeChannels, to: c.codeCount, kernel: 1)
    postQuantConv = try Convolution(
      weights["post_quant_conv"], from: c.codeChannels, to: c.latentChannels, kernel: 1)
    decoder = try Decoder(weights["decoder"], c)
  }

  /// Picture [N,H,W,3] in -1…1 → [N,H/f,W/f,channels], of which the codes are chosen: by
  /// `VQModel` a latent, not yet quantised; by `GumbelVQ` features in a space of their own.
  public func encode(_ picture: Tensor) -> Tensor { quantConv(encoder(picture)) }

  /// What ``encode(_:)`` gives → index of the code chosen at every position, int32 [N·h·w].
  public func codes(ofEncoded features: Tensor) -> Tensor {
    guard let logits else { return codes(of: features) }
    return logits(features).reshaped([-1, configuration.codeCount]).argmax()
  }

  /// Latent [N,h,w,channels] → index of the nearest code at every position, int32 [N·h·w].
  public func codes(of latent: Tensor) -> Tensor {
    latent.graph.scope("quantize") {
      latent.reshaped([-1, configuration.codeChannels]).nearestCodes(in: codebook)
    }
  }

  /// Indices of codes, int32 [N·h·w] → latent [N,h,w,channels].
  public func latent(ofCodes codes: Tensor, rows: Int, columns: Int) -> Tensor {
    codes.graph.scope("quantize") {
      codebook.gathered(codes).reshaped([-1, rows, columns, configuration.codeChannels])
    }
  }

  /// Latent [N,h,w,channels] → the nearest codes, of its shape; gradients pass straight through.
  public func quantize(_ latent: Tensor) -> Tensor {
    let nearest = self.latent(
      ofCodes: codes(of: latent), rows: latent.shape[1], columns: latent.shape[2])
    return latent.graph.scope("quantize") { nearest.straightThrough(to: latent) }
  }

  /// Codes [N,h,w,channels] → picture [N,h·f,w·f,3], about -1…1.
  public func decode(_ quantized: Tensor) -> Tensor { decoder(postQuantConv(quantized)) }
}
