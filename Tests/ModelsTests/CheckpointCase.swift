import Execution
import Foundation
import Guidance
import Models
import TensorGraph
import TestSupport
import Testing

/// A checkpoint as its project publishes it and what its original computes, in a folder made by
/// Tests/Fixtures/make_checkpoints.py.
struct CheckpointCase: CustomTestStringConvertible {
  let folder: URL

  var testDescription: String { folder.lastPathComponent }

  /// The cases in `folder`, by name.
  static func all(in folder: String) -> [CheckpointCase] {
    let entries = try? FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    return (entries ?? []).map { CheckpointCase(folder: URL(fileURLWithPath: "\(folder)/\($0)")) }
      .filter { FileManager.default.fileExists(atPath: $0.expected) }
  }

  private var expected: String { folder.appendingPathComponent("expected.safetensors").path }

  /// Largest differences from the original on one device, relative to its largest values.
  struct Errors {
    var values: [(part: String, error: Float)] = []
    var gradient: Float = 0
    /// Codes that differ although the chosen one is clearly better than the second.
    var wrongCodes = 0
  }

  /// Runs the case on every device in turn.
  func errors(
    on devices: [ComputeDevice], _ report: (ComputeDevice, Errors) throws -> Void
  ) throws {
    let original = try Originals(path: expected)
    let kind = original.metadata["kind"] ?? ""
    let checkpoint = original.metadata["checkpoint"] ?? ""
    let test: any ModelComparison =
      switch kind {
      case "clip": try PerceptorComparison(original, folder.appendingPathComponent(checkpoint).path)
      case "vqgan": try GeneratorComparison(original, folder.appendingPathComponent(checkpoint).path)
      default: try GuidanceComparison(original, checkpoint.split(separator: " ").map {
          folder.deletingLastPathComponent().appendingPathComponent(String($0)).path
        })
      }
    for device in devices {
      let executable = try device.compile(test.graph)
      for (name, values) in test.inputs { try executable.write(name, values) }
      try executable.step()
      try report(device, test.errors(of: executable))
    }
  }
}

/// A model's graph, the inputs that its original had, and how far the outputs are off.
private protocol ModelComparison {
  var graph: Graph { get }
  var inputs: [String: [Float]] { get }
  func errors(of executable: any Executable) throws -> CheckpointCase.Errors
}

private struct PerceptorComparison: ModelComparison {
  let graph = Graph()
  let inputs: [String: [Float]]
  private let original: Originals

  init(_ original: Originals, _ path: String) throws {
    self.original = original
    let model = try CLIP(try CLIPCheckpoint(path: path), in: graph)
    let (images, shape) = try original.channelsLast("images")
    let (tokens, ends) = try original.tokens()
    inputs = ["images": images, "tokens": tokens, "ends": ends]
    let pictures = graph.input("images", shape)
    let embeddings = model.image(pictures)
    graph.output("image embeddings", embeddings)
    graph.output(
      "text embeddings",
      model.text(
        tokens: graph.input("tokens", [tokens.count], .int32),
        ends: graph.input("ends", [ends.count], .int32)))
    let width = embeddings.shape[1]
    let text = Array(try original.floats("text_embeddings")[..<width])
    let distance = sphericalDistance(embeddings, graph.literal(text, [width])).mean()
    graph.output("gradient", graph.gradients(of: distance, withRespectTo: [pictures])[0])
  }

  func errors(of executable: any Executable) throws -> CheckpointCase.Errors {
    CheckpointCase.Errors(
      values: [
        ("image embeddings", largestError(
          try executable.read("image embeddings"), try original.floats("image_embeddings"))),
        ("text embeddings", largestError(
          try executable.read("text embeddings"), try original.floats("text_embeddings"))),
      ],
      gradient: largestError(
        try executable.read("gradient"), try original.channelsLast("images.grad").values))
  }
}

private struct GeneratorComparison: ModelComparison {
  let graph = Graph()
  let inputs: [String: [Float]]
  private let original: Originals

  init(_ original: Originals, _ path: String) throws {
    self.original = original
    let model = try VQGAN(try VQGANCheckpoint(path: path), in: graph)
    let (picture, pictureShape) = try original.channelsLast("picture")
    let (latent, latentShape) = try original.channelsLast("latent")
    let (weights, weightsShape) = try original.channelsLast("weights")
    inputs = ["picture": picture, "latent": latent, "weights": weights]
    let features = model.encode(graph.input("picture", pictureShape))
    graph.output("features", features)
    graph.output("codes", model.codes(ofEncoded: features))
    let given = graph.input("latent", latentShape)
    let decoded = model.decode(model.quantize(given))
    graph.output("decoded", decoded)
    let loss = (decoded * graph.input("weights", weightsShape)).mean()
    graph.output(
      "gradient",
      graph.gradients(of: loss, withRespectTo: [given])[0] * Float(weightsShape.reduce(1, *)))
  }

  func errors(of executable: any Executable) throws -> CheckpointCase.Errors {
    let codes = zip(try executable.read("codes"), try original.floats("codes"))
    let margins = try original.floats("margin")
    return CheckpointCase.Errors(
      values: [
        ("features", largestError(
          try executable.read("features"), try original.channelsLast("features").values)),
        ("decoded picture", largestError(
          try executable.read("decoded"), try original.channelsLast("decoded").values)),
      ],
      gradient: largestError(
        try executable.read("gradient"), try original.channelsLast("latent.grad").values),
      wrongCodes: zip(codes, margins).count { $0.0 != $0.1 && $1 > 1e-4 })
  }
}

/// A whole render's loss, with the cutouts' augmentations given.
private struct GuidanceComparison: ModelComparison {
  let graph = Graph()
  let inputs: [String: [Float]]
  private let original: Originals

  init(_ original: Originals, _ paths: [String]) throws {
    self.original = original
    let vqgan = try VQGAN(try VQGANCheckpoint(path: paths[0]), in: graph)
    let clip = try CLIP(try CLIPCheckpoint(path: paths[1]), in: graph)
    let (latent, shape) = try original.channelsLast("z")
    let (noise, noiseShape) = try original.channelsLast("noise")
    inputs = ["latent": latent, "noise": noise]
    let z = graph.input("latent", shape)
    let picture = (0.5 * (vqgan.decode(vqgan.quantize(z)) + 1)).clampedWithGradient(to: 0...1)
    let cutouts = picture.cutouts(
      noiseShape[0], side: clip.configuration.imageSize,
      matrices: graph.literal(try original.floats("thetas"), try original.shape("thetas")),
      padding: .reflection, noise: graph.input("noise", noiseShape))
    let embeddings = clip.image(clip.normalized(cutouts))
    let texts = try original.floats("texts")
    let width = embeddings.shape[1]
    let parts = try original.floats("weights").enumerated().map { index, weight in
      let text = Array(texts[index * width..<(index + 1) * width])
      return weight * sphericalDistance(embeddings, graph.literal(text, [width])).mean()
    }
    let loss = parts.dropFirst().reduce(parts[0], +)
    graph.output("embeddings", embeddings)
    graph.output("loss", loss)
    graph.output("gradient", graph.gradients(of: loss, withRespectTo: [z])[0])
  }

  func errors(of executable: any Executable) throws -> CheckpointCase.Errors {
    CheckpointCase.Errors(
      values: [
        ("embeddings", largestError(
          try executable.read("embeddings"), try original.floats("embeddings"))),
        ("loss", largestError(try executable.read("loss"), try original.floats("loss"))),
      ],
      gradient: largestError(
        try executable.read("gradient"), try original.channelsLast("z.grad").values))
  }
}
