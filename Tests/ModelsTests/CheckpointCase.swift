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

  /// How far one result is from the original's, relative to the largest value.
  struct Figure {
    let part: String
    let error: Float
    let isGradient: Bool
    /// The same of PyTorch's fp32, where it is known.
    let peer: Float?
  }

  /// Runs the case on every device in turn.
  func compare(
    on devices: [ComputeDevice], _ report: (ComputeDevice, [Figure]) throws -> Void
  ) throws {
    let original = try Originals(path: expected)
    let checkpoint = original.metadata["checkpoint"] ?? ""
    let path = folder.appendingPathComponent(checkpoint).path
    let test: any ModelComparison =
      switch original.metadata["kind"] {
      case "clip": try PerceptorComparison(original, path)
      case "vqgan": try GeneratorComparison(original, path)
      case "transformer": try TransformerComparison(original, path)
      default:
        try GuidanceComparison(
          original,
          checkpoint.split(separator: " ").map {
            folder.deletingLastPathComponent().appendingPathComponent(String($0)).path
          })
      }
    for device in devices {
      let executable = try device.compile(test.graph)
      for (name, values) in test.inputs { try executable.write(name, values) }
      try executable.step()
      try report(device, test.results.map { try figure($0, executable, original) })
    }
  }

  private func figure(
    _ result: ComparedResult, _ executable: any Executable, _ original: Originals
  ) throws -> Figure {
    let computed = try executable.read(result.part)
    let isImage = try original.shape(result.tensor).count == 4
    let expected = try isImage
      ? original.channelsLast(result.tensor).values : original.floats(result.tensor)
    return Figure(
      part: result.part, error: try result.error(computed, expected),
      isGradient: result.part == "gradient",
      peer: try? original.floats("fp32." + result.tensor)[0])
  }
}

/// An output of a graph and the original's tensor of it.
private struct ComparedResult {
  let part: String
  let tensor: String
  var error: ([Float], [Float]) throws -> Float = largestError
}

/// A model's graph, the inputs that its original had, and the outputs to compare.
private protocol ModelComparison {
  var graph: Graph { get }
  var inputs: [String: [Float]] { get }
  var results: [ComparedResult] { get }
}

private struct PerceptorComparison: ModelComparison {
  let graph = Graph()
  let inputs: [String: [Float]]
  let results = [
    ComparedResult(part: "image embeddings", tensor: "image_embeddings"),
    ComparedResult(part: "text embeddings", tensor: "text_embeddings"),
    ComparedResult(part: "gradient", tensor: "images.grad"),
  ]

  init(_ original: Originals, _ path: String) throws {
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
}

private struct GeneratorComparison: ModelComparison {
  let graph = Graph()
  let inputs: [String: [Float]]
  let results: [ComparedResult]

  init(_ original: Originals, _ path: String) throws {
    let margins = try original.floats("margin")
    results = [
      ComparedResult(part: "features", tensor: "features"),
      // How many differ although the one chosen is clearly better than the second.
      ComparedResult(part: "codes", tensor: "codes") { computed, expected in
        let wrong = computed.indices.count { computed[$0] != expected[$0] && margins[$0] > 1e-4 }
        return Float(wrong)
      },
      ComparedResult(part: "decoded", tensor: "decoded"),
      ComparedResult(part: "gradient", tensor: "latent.grad"),
    ]
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
}

private struct TransformerComparison: ModelComparison {
  let graph = Graph()
  let inputs: [String: [Float]]
  let results = [ComparedResult(part: "logits", tensor: "logits")]

  init(_ original: Originals, _ path: String) throws {
    let checkpoint = try CodebookTransformerCheckpoint(path: path)
    let model = try CodebookTransformer(
      checkpoint.configuration, ModelWeights(checkpoint.weights, in: graph))
    let tokens = try original.floats("tokens")
    inputs = ["tokens": tokens]
    graph.output(
      "logits",
      model.logits(
        tokens: graph.input("tokens", [tokens.count], .int32), count: 1, told: 0..<tokens.count))
  }
}

/// A whole render's loss, with the cutouts' augmentations given.
private struct GuidanceComparison: ModelComparison {
  let graph = Graph()
  let inputs: [String: [Float]]
  let results = [
    ComparedResult(part: "embeddings", tensor: "embeddings"),
    ComparedResult(part: "loss", tensor: "loss"),
    ComparedResult(part: "gradient", tensor: "z.grad"),
  ]

  init(_ original: Originals, _ paths: [String]) throws {
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
}
