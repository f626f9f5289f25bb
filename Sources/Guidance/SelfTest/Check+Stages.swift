import Foundation
import Models
import TensorGraph

extension Check {
  /// Sums of thousands of products in another order: a few 1e-6 of the largest value a layer, over
  /// some dozens of layers.
  private static let forwardTolerance = 1e-4
  /// The way back is as long again, and through divisions by small deviations.
  private static let gradientTolerance = 1e-3
  /// Codes that are equally near but for rounding are rare, but may be.
  private static let codeTolerance = 0.02

  /// The stages from picture to gradient, each fed with the CPU path's results before it.
  static func all(_ models: ModelFiles) throws -> [Check] {
    let generator = try VQGANCheckpoint(path: models.generator)
    let perceptor = try CLIPCheckpoint(path: models.perceptor)
    let factor = generator.configuration.factor
    let rows = max(64 / factor, 2)
    let side = rows * factor
    let channels = generator.configuration.codeChannels

    let encode = try Check(
      [Result(name: "encode", tolerance: forwardTolerance)],
      inputs: ["picture": picture(side: side)]
    ) {
      let graph = Graph()
      let input = graph.input("picture", [1, side, side, 3])
      graph.output("encode", try VQGAN(generator, in: graph).encode(2 * input - 1))
      return graph
    }
    let quantize = try Check(
      [Result(name: "quantize", tolerance: codeTolerance, isCodes: true)],
      inputs: ["latent": encode.references["encode"]!]
    ) {
      let graph = Graph()
      let latent = graph.input("latent", [1, rows, rows, channels])
      graph.output("quantize", try VQGAN(generator, in: graph).codes(ofEncoded: latent))
      return graph
    }
    let decode = try Check(
      [Result(name: "decode", tolerance: forwardTolerance)],
      inputs: ["codes": quantize.references["quantize"]!]
    ) {
      let graph = Graph()
      let model = try VQGAN(generator, in: graph)
      let codes = graph.input("codes", [rows * rows], .int32)
      graph.output("decode", model.decode(model.latent(ofCodes: codes, rows: rows, columns: rows)))
      return graph
    }
    let text = try textEmbedding(perceptor)
    return [
      encode, quantize, decode, try imageEmbedding(perceptor), text,
      try guidance(generator, perceptor, text: text.references["embed text"]!, side: side),
    ]
  }

  private static func imageEmbedding(_ perceptor: CLIPCheckpoint) throws -> Check {
    let side = perceptor.configuration.imageSize
    return try Check(
      [Result(name: "embed image", tolerance: forwardTolerance)],
      inputs: ["picture": picture(side: side)]
    ) {
      let graph = Graph()
      let input = graph.input("picture", [1, side, side, 3])
      let model = try CLIP(perceptor, in: graph)
      graph.output("embed image", model.image(model.normalized(input)))
      return graph
    }
  }

  /// A text of arbitrary tokens, so that no vocabulary is needed.
  private static func textEmbedding(_ perceptor: CLIPCheckpoint) throws -> Check {
    let c = perceptor.configuration
    let end = c.contextLength / 2
    var tokens = (0..<c.contextLength).map { position in
      position < end ? Float(position * 97 % (c.vocabularySize - 2)) : 0
    }
    tokens[end] = Float(c.vocabularySize - 1)
    return try Check(
      [Result(name: "embed text", tolerance: forwardTolerance)],
      inputs: ["tokens": tokens, "ends": [Float(end)]]
    ) {
      let graph = Graph()
      let tokens = graph.input("tokens", [c.contextLength], .int32)
      let ends = graph.input("ends", [1], .int32)
      graph.output("embed text", try CLIP(perceptor, in: graph).text(tokens: tokens, ends: ends))
      return graph
    }
  }

  /// One step of a render: its loss, and the gradient that moves the latent.
  private static func guidance(
    _ generator: VQGANCheckpoint, _ perceptor: CLIPCheckpoint, text: [Float], side: Int
  ) throws -> Check {
    let vqgan = try VQGANGenerator(path: generator.file.path)
    let clip = CLIPDistance(perceptor.configuration, perceptor.weights, promptCount: 1)
    var problem = GuidanceProblem(vqgan, losses: [clip], width: side, height: side)
    problem.cutouts.count = 4
    // Codes as they stand in the codebook: none is nearly as near as another.
    let start = try vqgan.randomStart(width: side, height: side, seed: 0, number: 0)
    let inputs = start.merging(clip.inputs(targets: [text], weights: [1])) { $1 }
    return try Check(
      [
        Result(name: "loss", tolerance: forwardTolerance),
        Result(name: "gradient", tolerance: gradientTolerance),
      ],
      inputs: inputs.mapValues(\.values)
    ) { [problem] in
      let step = try GuidanceGraph(problem)
      step.graph.output("gradient", step.gradients[0])
      return step.graph
    }
  }

  /// Waves with a little noise, [1,side,side,3] in 0…1, the same in every run.
  private static func picture(side: Int) -> [Float] {
    let random = Philox(seed: 1)
    return (0..<side * side * 3).map { index in
      let (x, y) = (Float(index / 3 % side), Float(index / 3 / side))
      let wave = sin(x * 6 / Float(side) + Float(index % 3)) * cos(y * 9 / Float(side))
      let noise = Float(random.words([UInt32(index), 0, 0, 0]).x >> 8) / Float(1 << 24)
      return 0.45 + 0.4 * wave + 0.1 * noise
    }
  }
}
