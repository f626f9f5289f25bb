import Execution
import Imaging
import Models
import TensorGraph

extension VQGANCheckpoint {
  /// A code drawn for every position: latent [1,rows,columns,channels], row-major.
  /// - Parameter start: sets several latents of one seed apart.
  func randomLatent(
    rows: Int, columns: Int, seed: UInt64, start: Int = 0
  ) throws -> [Float] {
    let (channels, count) = (configuration.codeChannels, configuration.codeCount)
    let codebook = try codebook()
    let random = Philox(seed: seed)
    var latent: [Float] = []
    latent.reserveCapacity(rows * columns * channels)
    for position in 0..<rows * columns {
      let words = random.words([UInt32(position), UInt32(start), 0, RandomPurpose.initialCodes])
      let code = Int(words.x.multipliedFullWidth(by: UInt32(count)).high)
      latent += codebook[code * channels..<(code + 1) * channels]
    }
    return latent
  }

  /// The codes of `picture`, whose size is a multiple of the factor: latent
  /// [1,rows,columns,channels], row-major.
  func latent(of picture: Image, on device: ComputeDevice) throws -> [Float] {
    let graph = Graph()
    let model = try VQGAN(self, in: graph)
    let input = graph.input("picture", [1, picture.height, picture.width, 3])
    let codes = model.codes(ofEncoded: model.encode(2 * input - 1))
    let factor = configuration.factor
    graph.output(
      "latent",
      model.latent(
        ofCodes: codes, rows: picture.height / factor, columns: picture.width / factor))
    let executable = try device.compile(graph)
    try executable.write("picture", picture.pixels)
    try executable.step()
    return try executable.read("latent")
  }
}
