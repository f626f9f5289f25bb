import Execution
import Models
import TensorGraph
import TestSupport
import Testing

/// The starter models against the PyTorch originals on every device: values to 5e-5.
@Suite struct OriginalsTests {
  private let tolerance: Float = 5e-5

  @Test(arguments: ["square", "tall"]) func generator(_ name: String) throws {
    let original = try Originals("vqgan")
    let (picture, pictureShape) = try original.channelsLast("\(name).picture")
    let (latent, latentShape) = try original.channelsLast("\(name).z")
    let (decoded, _) = try original.channelsLast("\(name).decoded")
    let codes = try original.floats("\(name).codes")

    let graph = Graph()
    let model = try VQGAN(try VQGANCheckpoint(path: Originals.generator), in: graph)
    graph.output("latent", model.encode(graph.input("picture", pictureShape)))
    let given = graph.input("given", latentShape)
    graph.output("codes", model.codes(of: given))
    graph.output("decoded", model.decode(model.quantize(given)))
    for device in ComputeDevice.all() {
      let executable = try device.compile(graph)
      try executable.write("picture", picture)
      try executable.write("given", latent)
      try executable.step()
      let errors = [
        "latent": largestError(try executable.read("latent"), latent),
        "decoded": largestError(try executable.read("decoded"), decoded),
      ]
      for (part, error) in errors {
        #expect(error <= tolerance, "\(part) on \(device.name): \(error)")
      }
      #expect(try executable.read("codes") == codes, "codes on \(device.name)")
    }
  }

  @Test func perceptor() throws {
    let original = try Originals("clip")
    let checkpoint = try CLIPCheckpoint(path: Originals.perceptor)
    let (images, imagesShape) = try original.channelsLast("images")
    let (tokens, ends) = try original.tokens()

    let graph = Graph()
    let model = try CLIP(checkpoint, in: graph)
    graph.output("image", model.image(graph.input("images", imagesShape)))
    graph.output(
      "text",
      model.text(
        tokens: graph.input("tokens", [tokens.count], .int32),
        ends: graph.input("ends", [ends.count], .int32)))
    for device in ComputeDevice.all() {
      let executable = try device.compile(graph)
      try executable.write("images", images)
      try executable.write("tokens", tokens)
      try executable.write("ends", ends)
      try executable.step()
      let image = largestError(
        try executable.read("image"), try original.floats("image_embeddings"))
      let text = largestError(try executable.read("text"), try original.floats("text_embeddings"))
      #expect(image <= tolerance, "image embeddings on \(device.name): \(image)")
      #expect(text <= tolerance, "text embeddings on \(device.name): \(text)")
    }
  }
}
