import Execution
import Imaging
import Inference
import TensorGraph

extension Guide {
  /// A code drawn for every position by the seed of `settings`: latent [1,rows,columns,channels],
  /// row-major.
  /// - Parameter start: sets several latents of one seed apart.
  func randomLatent(_ settings: RenderSettings, start: Int = 0) throws -> [Float] {
    let random = Philox(seed: settings.seed)
    let count = UInt32(generator.configuration.codeCount)
    let (rows, columns) = latentSize(settings)
    return try generator.latent(
      ofCodes: (0..<rows * columns).map { position in
        let words = random.words([UInt32(position), UInt32(start), 0, RandomPurpose.initialCodes])
        return Int32(words.x.multipliedFullWidth(by: count).high)
      })
  }

  /// The codes of `picture`, whose size is a multiple of the factor: latent
  /// [1,rows,columns,channels], row-major.
  func latent(of picture: Image, on device: ComputeDevice) throws -> [Float] {
    try generator.latent(ofCodes: Generator(generator, device: device).encode(picture).codes)
  }
}
