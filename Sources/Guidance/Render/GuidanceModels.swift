import Execution
import Imaging
import Inference
import Models
import TensorGraph

/// The opened models of a request.
struct GuidanceModels {
  let generator: any Generator
  /// With the weight of each one's distance in the loss.
  private let perceptors: [(checkpoint: CLIPCheckpoint, distance: CLIPDistance)]
  private let request: RenderRequest

  /// - Parameter request: with its models; see ``RenderRequest/withModels()``.
  init(_ request: RenderRequest) throws {
    self.request = request
    generator = try Generators.open(request.generator, path: request.generatorWeights?.path)
    let names = Self.names(of: request.perceptors)
    perceptors = try zip(request.perceptors, names).map { perceptor, name in
      let checkpoint = try CLIPCheckpoint(path: perceptor.weights.path ?? perceptor.weights.name)
      let distance = CLIPDistance(
        checkpoint.configuration, checkpoint.weights, promptCount: request.prompts.count,
        name: name, weight: perceptor.weight)
      return (checkpoint, distance)
    }
  }

  /// `clip` for one; of several, each with the name of its file, numbered where that is not unique.
  private static func names(of perceptors: [RenderRequest.Perceptor]) -> [String] {
    guard perceptors.count > 1 else { return ["clip"] }
    let files = perceptors.map(\.weights.name)
    return files.indices.map { index in
      let isUnique = files.count { $0 == files[index] } == 1
      return "clip \(files[index])" + (isUnique ? "" : " (\(index + 1))")
    }
  }

  /// Largest side of a picture that the perceptors take, in pixels.
  var perceptorSide: Int { perceptors.map { $0.distance.configuration.imageSize }.max() ?? 224 }

  /// Problem of the request, at a size rounded to the generator's factor.
  func problem() throws(GuidanceError) -> GuidanceProblem {
    let palette = request.palette.flatMap { $0.weight == 0 ? nil : PaletteDistance($0) }
    var problem = GuidanceProblem(
      generator,
      losses: perceptors.map(\.distance) + (try LossTerms.weighted(request.losses))
        + [palette].compactMap { $0 },
      optimizer: try Optimizers.named(request.optimizer),
      width: rounded(request.width), height: rounded(request.height),
      learningRate: request.learningRate, steps: request.steps)
    (problem.seed, problem.cutouts) = (request.seed, request.cutouts)
    problem.precision = request.precision
    return problem
  }

  /// The problem of every stage of the request, `problem` of the picture itself last.
  func stages(of problem: GuidanceProblem) -> [GuidanceProblem] {
    let shorter = min(request.width, request.height)
    return zip(request.growth, request.stageSteps).map { stage, steps in
      var small = problem
      func side(_ extent: Int) -> Int { rounded((extent * stage.side + shorter / 2) / shorter) }
      (small.width, small.height) = (side(request.width), side(request.height))
      small.learningRate = LearningRate(problem.learningRate.initial, steps: steps)
      return small
    } + [problem]
  }

  /// `side` as the nearest multiple of the generator's factor, at least one.
  func rounded(_ side: Int) -> Int {
    max(1, (side + generator.factor / 2) / generator.factor) * generator.factor
  }

  /// How far pictures are from the prompts, as the perceptors see them: 1 − cosine, by their weights.
  /// - Parameter targets: see ``promptEmbeddings(on:)``.
  func distances(
    of pictures: [Image], to targets: [[[Float]]], on device: ComputeDevice
  ) throws -> [Float] {
    var distances = [Float](repeating: 0, count: pictures.count)
    for (number, perceptor) in perceptors.enumerated() {
      let seen = try perceptor.checkpoint.embed(pictures, on: device)
      for (index, embedding) in seen.enumerated() {
        for (target, prompt) in zip(targets[number], request.prompts) {
          distances[index] += request.perceptors[number].weight * prompt.weight
            * (1 - Similarity.cosine(target, embedding))
        }
      }
    }
    return distances
  }

  /// Pictures among the prompts; nil for the others.
  private func promptPictures() throws -> [Image?] {
    try request.prompts.map { prompt in
      guard case .picture(let file) = prompt.content else { return nil }
      return try Image(contentsOf: file.readPath)
    }
  }

  /// Embedding of each prompt by every perceptor.
  func promptEmbeddings(on device: ComputeDevice) throws -> [[[Float]]] {
    let pictures = try promptPictures()
    return try perceptors.enumerated().map { number, perceptor in
      try embed(pictures, by: perceptor.checkpoint, number: number, on: device)
    }
  }

  /// Values of the program's inputs, by name.
  /// - Parameter targets: see ``promptEmbeddings(on:)``.
  func promptInputs(_ targets: [[[Float]]]) throws -> [String: HostTensor<Float>] {
    var inputs: [String: HostTensor<Float>] = [:]
    for (targets, perceptor) in zip(targets, perceptors) {
      inputs.merge(
        perceptor.distance.inputs(targets: targets, weights: request.prompts.map(\.weight))
      ) { $1 }
    }
    return inputs
  }

  /// Embedding of each prompt.
  private func embed(
    _ pictures: [Image?], by checkpoint: CLIPCheckpoint, number: Int, on device: ComputeDevice
  ) throws -> [[Float]] {
    var texts = try checkpoint.embed(
      request.prompts.compactMap(\.text), vocabulary: request.perceptors[number].vocabulary?.path,
      truncating: request.truncatesPrompts, on: device)[...]
    var images = try checkpoint.embed(pictures.compactMap { $0 }, on: device)[...]
    let width = checkpoint.configuration.embeddingWidth
    return try request.prompts.map { prompt in
      switch prompt.content {
      case .text: return texts.removeFirst()
      case .picture: return images.removeFirst()
      case .embedding(let components):
        guard components.count == width else {
          throw GuidanceError.prompt(
            "\(prompt.name) as a prompt does not fit \(request.perceptors[number].weights.name), "
              + "whose embeddings have \(width)")
        }
        return components
      }
    }
  }
}
