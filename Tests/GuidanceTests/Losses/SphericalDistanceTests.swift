import Guidance
import TensorGraph
import TestSupport
import Testing

@Suite struct SphericalDistanceTests {
  @Test func `Distances are those of the original`() throws {
    let originals = try Originals("loss")
    let graph = Graph()
    let embeddings = graph.input("embeddings", [4, 128])
    let texts = graph.input("texts", [2, 128])
    let distances = (0..<2).map {
      sphericalDistance(embeddings, texts.sliced(axis: 0, $0..<$0 + 1).reshaped([128]))
    }
    let values = try graph.interpret(
      distances,
      feeds: [
        "embeddings": try originals("square.embeddings"), "texts": try originals("square.texts"),
      ])
    let expected = try originals("square.distances")
    for index in 0..<4 {
      for text in 0..<2 {
        #expect(abs(values[text][index] - expected[2 * index + text]) < 1e-6)
      }
    }
  }

  @Test(arguments: [
    (1.0, 0.0), (-1.0, Double.pi * Double.pi / 2), (0.0, Double.pi * Double.pi / 8),
  ])
  func `Equal, opposite and orthogonal directions have finite gradients`(
    cosine: Double, expected: Double
  ) throws {
    let graph = Graph()
    let embedding = graph.input("embedding", [1, 2])
    let distance = sphericalDistance(embedding, graph.literal([2, 0], [2]))
    let gradient = graph.gradients(of: distance.reshaped([]), withRespectTo: [embedding])[0]
    let direction = [3 * cosine, 3 * (1 - cosine * cosine).squareRoot()]
    let values = try graph.interpret(
      [distance, gradient], feeds: ["embedding": HostTensor(shape: [1, 2], direction)])
    #expect(abs(values[0][0] - expected) < 4e-3)
    #expect(values[1].values.allSatisfy { $0.isFinite })
  }

  @Test func `Its gradient is the slope`() throws {
    try checkGradient(
      OpCase("spherical distance", [[3, 5], [5]]) { sphericalDistance($0[0], $0[1]) })
  }
}
