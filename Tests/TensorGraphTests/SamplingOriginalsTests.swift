import TensorGraph
import TestSupport
import Testing

/// Sampling, pooling and Adam against PyTorch. The fixtures hold what PyTorch computed in double
/// precision, rounded to fp32: half a unit in the last place, 6e-8.
@Suite struct SamplingOriginalsTests {
  private let originals: Originals
  private let rounding = 1e-7

  init() throws { originals = try Originals("ops") }

  /// Checks y and the gradients of Σ y·dy by the named sources.
  private func check(
    _ output: Tensor, _ y: String, dy: String, gradients: [(Tensor, HostTensor<Double>)],
    feeds: [String: HostTensor<Double>]
  ) throws {
    let graph = output.graph
    let weight = graph.input("dy", output.shape)
    let loss = (output * weight).sum(axes: Array(output.shape.indices)).reshaped([])
    let targets = graph.gradients(of: loss, withRespectTo: gradients.map(\.0))
    var feeds = feeds
    feeds["dy"] = try originals.pixels(dy)
    let values = try graph.interpret([output] + targets, feeds: feeds)
    #expect(try values[0].relativeError(to: originals.pixels(y)) < rounding)
    for (value, (_, expected)) in zip(values.dropFirst(), gradients) {
      #expect(value.relativeError(to: expected) < rounding)
    }
  }

  @Test(arguments: [SamplePadding.zeros, .border, .reflection], [false, true])
  func gridSample(padding: SamplePadding, alignCorners: Bool) throws {
    let name = "grid_sample.\(padding).\(alignCorners ? "corners" : "centers")"
    let graph = Graph()
    let feeds = [
      "x": try originals.pixels("grid_sample.x"), "grid": try originals("grid_sample.grid"),
    ]
    let x = graph.input("x", feeds["x"]!.shape)
    let grid = graph.input("grid", feeds["grid"]!.shape)
    try check(
      x.sampled(at: grid, padding: padding, alignCorners: alignCorners), "\(name).y",
      dy: "grid_sample.dy",
      gradients: [
        (x, try originals.pixels("\(name).dx")), (grid, try originals("\(name).dgrid")),
      ],
      feeds: feeds)
  }

  @Test(arguments: [false, true]) func affineGrid(alignCorners: Bool) throws {
    let name = "affine_grid.\(alignCorners ? "corners" : "centers")"
    let graph = Graph()
    let matrices = graph.input("theta", [2, 2, 3])
    let grid = matrices.transformationGrid(height: 4, width: 5, alignCorners: alignCorners)
    let value = try graph.interpret([grid], feeds: ["theta": try originals("\(name).theta")])[0]
    #expect(try value.relativeError(to: originals("\(name).grid")) < rounding)
  }

  @Test(arguments: [
    "adaptive_avg_pool2d.shrink", "adaptive_avg_pool2d.grow", "adaptive_max_pool2d.shrink",
    "adaptive_max_pool2d.grow", "adaptive_max_pool2d.ties",
  ])
  func adaptivePool(name: String) throws {
    let graph = Graph()
    let input = try originals.pixels("\(name).x")
    let size = try originals.pixels("\(name).y").shape
    let x = graph.input("x", input.shape)
    let pooled = name.contains("avg")
      ? x.adaptiveAveragePooled(height: size[1], width: size[2])
      : x.adaptiveMaxPooled(height: size[1], width: size[2])
    try check(
      pooled, "\(name).y", dy: "\(name).dy", gradients: [(x, originals.pixels("\(name).dx"))],
      feeds: ["x": input])
  }

}
