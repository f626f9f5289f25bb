import Models
import TensorGraph

/// One optimisation step as a graph: latent → codes → picture → cutouts → embeddings → distance to
/// the prompts → gradient → Adam → latent.
struct GuidanceStep {
  let graph = Graph()

  /// - Parameters:
  ///   - texts: an embedding for each prompt.
  ///   - start: latent [1,rows,columns,channels], row-major.
  init(
    _ settings: RenderSettings, generator: VQGANCheckpoint, perceptor: CLIPCheckpoint,
    texts: [[Float]], start: [Float], rows: Int, columns: Int
  ) throws {
    let vqgan = try VQGAN(generator, in: graph)
    let clip = try CLIP(perceptor, in: graph)
    let shape = [1, rows, columns, vqgan.configuration.codeChannels]
    let latent = graph.variable("latent", shape, .float32, .values(start))
    let firstMoment = graph.variable("first moment", shape, .float32, .zeros)
    let secondMoment = graph.variable("second moment", shape, .float32, .zeros)
    let lastStep = graph.variable("step", [1], .float32, .zeros)
    let step = lastStep + 1

    let picture = (0.5 * (vqgan.decode(vqgan.quantize(latent)) + 1)).clampedWithGradient(to: 0...1)
    let cutouts = picture.cutouts(
      settings.cutouts, side: clip.configuration.imageSize, seed: settings.seed, step: step)
    let embeddings = clip.image(clip.normalized(cutouts))
    let weights = settings.prompts.map(\.weight)
    let loss = weightedDistance(from: embeddings, to: texts, weights: weights)
    graph.output("image", picture)
    graph.output("loss", loss)

    let gradient = graph.gradients(of: loss, withRespectTo: [latent])[0]
    let state = Adam().updated(
      Adam.State(parameter: latent, firstMoment: firstMoment, secondMoment: secondMoment),
      gradient: gradient, step: step, learningRate: settings.learningRate)
    // Beyond the codes' range nothing changes, and the way back would only grow longer.
    let highest = vqgan.codebook.max(axes: [0]).reshaped([shape[3]])
    let lowest = -((-vqgan.codebook).max(axes: [0]).reshaped([shape[3]]))
    graph.update(latent, to: state.parameter.minimum(highest).maximum(lowest))
    graph.update(firstMoment, to: state.firstMoment)
    graph.update(secondMoment, to: state.secondMoment)
    graph.update(lastStep, to: step)
  }

  /// Σ weight × mean spherical distance of the embeddings [n,D] to each text.
  private func weightedDistance(
    from embeddings: Tensor, to texts: [[Float]], weights: [Float]
  ) -> Tensor {
    zip(texts, weights).map { text, weight in
      weight * sphericalDistance(embeddings, graph.literal(text, [text.count])).mean()
    }.reduce(graph.fill(0, []), +)
  }
}
