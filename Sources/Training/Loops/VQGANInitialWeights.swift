import Models
import TensorGraph

extension InitialWeights {
  /// New weights of a VQGAN as PyTorch draws them: convolutions uniform within 1/√(inputs of an
  /// output), the codebook within 1/codes; biases are zero.
  package static func vqgan(_ c: VQGANConfiguration, seed: UInt64) -> InitialWeights {
    .drawn(seed: seed) { name, shape in
      if name.hasPrefix("quantize.") { return .uniform(bound: 1 / Float(c.codeCount)) }
      if shape.count == 1 { return .constant(name.hasSuffix(".weight") ? 1 : 0) }
      return .uniform(bound: 1 / Float(shape.dropFirst().reduce(1, *)).squareRoot())
    }
  }

  /// New weights of a patch discriminator, distributed as by taming-transformers' `weights_init`, but
  /// that gains are 1.
  package static func patchDiscriminator(seed: UInt64) -> InitialWeights {
    .drawn(seed: seed) { name, shape in
      if shape.count > 1 { return .normal(deviation: 0.02) }
      return .constant(name.hasSuffix(".bias") || name.hasSuffix("running_mean") ? 0 : 1)
    }
  }
}
