import Execution
import Guidance
import Models
import TensorGraph
import TestSupport
import Testing

/// The whole loss and its gradient against the PyTorch originals, with the augmentations given:
/// values to 5e-5, the gradient to 5e-4 of its largest value, on every device.
@Suite struct LossTests {
  @Test(arguments: ["square", "oblong"]) func lossAndGradient(_ name: String) throws {
    let original = try Originals("loss")
    let generator = try VQGANCheckpoint(path: Originals.generator)
    let perceptor = try CLIPCheckpoint(path: Originals.perceptor)
    let (latent, shape) = try original.channelsLast("\(name).z")
    let (noise, noiseShape) = try original.channelsLast("\(name).noise")
    let texts = try original.floats("square.texts")
    let weights = try original.floats("square.weights")
    let width = texts.count / weights.count

    let graph = Graph()
    let vqgan = try VQGAN(generator, in: graph)
    let clip = try CLIP(perceptor, in: graph)
    let z = graph.input("z", shape)
    let picture = (0.5 * (vqgan.decode(vqgan.quantize(z)) + 1)).clampedWithGradient(to: 0...1)
    let cutouts = picture.cutouts(
      4, side: 64, matrices: graph.literal(try original.floats("square.thetas"), [4, 2, 3]),
      padding: .reflection, noise: graph.literal(noise, noiseShape))
    let embeddings = clip.image(clip.normalized(cutouts))
    let parts = weights.indices.map { index in
      let text = graph.literal(Array(texts[index * width..<(index + 1) * width]), [width])
      return weights[index] * sphericalDistance(embeddings, text).mean()
    }
    let loss = parts.dropFirst().reduce(parts[0], +)
    graph.output("cutouts", cutouts)
    graph.output("embeddings", embeddings)
    graph.output("loss", loss)
    graph.output("gradient", graph.gradients(of: loss, withRespectTo: [z])[0])

    for device in ComputeDevice.all() {
      let executable = try device.compile(graph)
      try executable.write("z", latent)
      try executable.step()
      var errors = [
        "loss": largestError(try executable.read("loss"), try original.floats("\(name).loss"))
      ]
      if name == "square" {
        errors["cutouts"] = largestError(
          try executable.read("cutouts"), try original.channelsLast("square.cutouts").values)
        errors["embeddings"] = largestError(
          try executable.read("embeddings"), try original.floats("square.embeddings"))
      }
      for (part, error) in errors {
        #expect(error <= 5e-5, "\(name): \(part) on \(device.name): \(error)")
      }
      let gradient = largestError(
        try executable.read("gradient"), try original.channelsLast("\(name).z.grad").values)
      #expect(gradient <= 5e-4, "\(name): gradient on \(device.name): \(gradient)")
    }
  }
}
