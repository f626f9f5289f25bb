extension VQGANSettings {
  /// Learning rate of taming-transformers for a picture of a batch.
  private static let ratePerPicture: Float = 4.5e-6

  /// Trains as taming-transformers does (`VQLPIPSWithDiscriminator`, `VectorQuantizer2` with `legacy`),
  /// but for the perceptual network.
  ///
  /// The codebook learns by gradients, and ``commitment`` weighs its term instead of the encoder's. The
  /// discriminator's step follows the VQGAN's, on pictures painted anew; its loss counts as late as its
  /// verdict. Pictures are cut to their middle. The rate is constant; the weights are exported, not
  /// their running mean.
  public mutating func followOriginal() {
    followsOriginal = true
    codebook = .gradient
    rate = Self.ratePerPicture * Float(batch)
    (warmup, finalShare, averaging) = (0, 1, 0)
  }
}
