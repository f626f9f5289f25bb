import Execution
import Guidance
import Models
import TensorGraph

/// The work that speed and memory are measured by: one optimisation step of a render, with models
/// of real sizes and random weights, so that no checkpoint is needed.
///
/// What is done to the cutouts costs as much as in `Benchmarks/peers/step.py`: each is mapped
/// affinely, outside the picture there is black, and each has noise.
package struct ReferenceStep: Sendable {
  package var generator = VQGANConfiguration.f16
  package var perceptor = CLIPConfiguration.vitB32
  /// In pixels, multiples of the generator's factor.
  package var width: Int
  package var height: Int
  package var cutouts: Int
  /// Name of the method that makes the cutouts; see `CutoutMethods`.
  package var cutMethod = "pooled"
  /// How weights and activations are stored.
  package var precision = Precision.full

  package init(width: Int = 256, height: Int = 256, cutouts: Int = 32) {
    self.width = width
    self.height = height
    self.cutouts = cutouts
  }

  /// The program of one step. Weights are drawn when it is compiled.
  /// - Parameter batches: in which the perceptor sees the cutouts.
  /// - Throws: ``BenchmarkError/size(width:height:factor:)``.
  package func graph(batches: Int = 1) throws -> Graph {
    let factor = generator.factor
    guard min(width, height) > 0, width % factor == 0, height % factor == 0 else {
      throw BenchmarkError.size(width: width, height: height, factor: factor)
    }
    return try GuidanceGraph(problem, batches: batches).graph
  }

  private var problem: GuidanceProblem {
    var problem = GuidanceProblem(
      VQGANGenerator(generator, Self.generatorWeights), losses: [distance], width: width,
      height: height)
    problem.precision = precision
    problem.cutouts = CutoutConfiguration(
      count: cutouts, method: cutMethod,
      affine: CutoutConfiguration.Affine(probability: 1), padding: .zeros)
    return problem
  }

  private var distance: CLIPDistance {
    CLIPDistance(perceptor, Self.perceptorWeights, promptCount: 1)
  }

  /// Gives the compiled step a latent to start from, of random values as large as those of codes, and
  /// a prompt.
  package func begin(_ executable: any Executable) throws {
    let shape = [height / generator.factor, width / generator.factor, generator.codeChannels]
    try executable.write(
      VQGANGenerator.latentName, Self.draw("latent", [shape[0] * shape[1], shape[2]]))
    let text = Self.draw("text", [1, perceptor.embeddingWidth])
    for (name, value) in distance.inputs(targets: [text], weights: [1]) {
      try executable.write(name, value.values)
    }
  }

  static let generatorWeights = RandomWeights(model: "generator")
  static let perceptorWeights = RandomWeights(model: "perceptor")

  private static func draw(_ name: String, _ shape: Shape) -> [Float] {
    var values = [Float](repeating: 0, count: shape.elementCount)
    values.withUnsafeMutableBufferPointer {
      RandomWeights(model: "reference").fill($0, named: name, shape: shape)
    }
    return values
  }
}
