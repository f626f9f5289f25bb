import TensorGraph

/// Hinge losses of a discriminator and the adaptive weight of a generator's part.
///
/// `VQLPIPSWithDiscriminator` of taming-transformers.
enum AdversarialLoss {
  /// ½ (mean relu(1 − real) + mean relu(1 + fake)): what the discriminator makes small.
  static func discriminator(real: Tensor, fake: Tensor) -> Tensor {
    0.5 * ((1 - real).relu().mean() + (1 + fake).relu().mean())
  }

  /// −mean fake: what the generator makes small.
  static func generator(fake: Tensor) -> Tensor { -fake.mean() }

  /// Weight that brings the gradient of the adversarial loss to the length of the other's, where both
  /// reach the last layer: ‖a‖ / (‖b‖ + 10⁻⁴), at most 10⁴; a scalar through which no gradient passes.
  /// - Parameters:
  ///   - reconstruction: gradient a of the reconstruction's loss with respect to that layer.
  ///   - adversarial: gradient b of the adversarial loss.
  static func weight(reconstruction: Tensor, adversarial: Tensor) -> Tensor {
    func norm(_ x: Tensor) -> Tensor {
      (x * x).sum(axes: Array(x.shape.indices)).reshaped([]).squareRoot()
    }
    let ratio = norm(reconstruction) / (norm(adversarial) + 1e-4)
    return ratio.minimum(ratio.fullLike(1e4)).detached()
  }
}
