import Execution
import Guidance
import Imaging
import Models
import TensorGraph
import TestSupport
import Testing

/// Renders that start from a picture, with every kind of VQGAN.
@Suite struct VQGANGeneratorTests {
  /// The first step sees the picture as the original decodes it from the codes it chose.
  @Test(arguments: ["gumbel", "net2net"]) func aPictureBecomesItsCodes(_ kind: String) throws {
    let folder = Originals.root + "/Tests/Fixtures/checkpoints/" + kind
    let original = try Originals(path: folder + "/expected.safetensors")
    let (picture, shape) = try original.channelsLast("picture")
    let image = Image(width: shape[2], height: shape[1], pixels: picture.map { ($0 + 1) / 2 })
    let generator = try VQGANGenerator(path: "\(folder)/\(kind).ckpt")
    let values = try generator.encode(image, on: .cpu)
    let graph = Graph()
    let traced = try generator.trace(in: graph, width: shape[2], height: shape[1])
    graph.output("picture", traced.picture)
    let executable = try ComputeDevice.cpu.compile(graph)
    try executable.write("latent", try #require(values["latent"]).values)
    try executable.step()
    let expected = try original.channelsLast("decoded").values.map { min(max(($0 + 1) / 2, 0), 1) }
    #expect(largestError(try executable.read("picture"), expected) <= 5e-5)
  }

  /// Random codes are rows of the codebook, whatever the checkpoint calls it.
  @Test(arguments: ["gumbel", "net2net"]) func codebooksAreFound(_ kind: String) throws {
    let folder = Originals.root + "/Tests/Fixtures/checkpoints/" + kind
    let generator = try VQGANCheckpoint(path: "\(folder)/\(kind).ckpt")
    let original = try Originals(path: folder + "/expected.safetensors")
    let latent = try original.channelsLast("latent").values
    let channels = generator.configuration.codeChannels
    let codes = try original.floats("codes").map { Int32($0) }
    #expect(try generator.latent(ofCodes: codes) == Array(latent[..<(codes.count * channels)]))
  }
}
