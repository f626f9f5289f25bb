import Execution
import Models
import TensorGraph
import TestSupport
import Testing

/// The perceptual network against PyTorch on every device: values to 1e-4.
@Suite struct PerceptualTests {
  private let tolerance: Float = 1e-4

  private func checkpoint() throws -> PerceptualCheckpoint {
    let file = "weights/perceptual/efficientnet-lite0.safetensors"
    return try PerceptualCheckpoint(path: "\(Originals.root)/\(file)")
  }

  @Test func features() throws {
    let original = try Originals("perceptual")
    let (picture, shape) = try original.channelsLast("square.picture")
    let graph = Graph()
    let network = try PerceptualNetwork(checkpoint(), in: graph)
    let taps = network.features(network.normalized(graph.input("picture", shape), from: .zeroToOne))
    #expect(taps.map { $0.shape[3] } == PerceptualNetwork.tapChannels)
    #expect(taps.map { $0.shape[1] } == [16, 8, 4, 2])
    for (index, tap) in taps.enumerated() { graph.output("\(index)", tap) }
    for device in ComputeDevice.all() {
      let executable = try device.compile(graph)
      try executable.write("picture", picture)
      try executable.step()
      for index in taps.indices {
        let expected = try original.channelsLast("square.tap\(index)").values
        let error = largestError(try executable.read("\(index)"), expected)
        #expect(error <= tolerance, "tap \(index) on \(device.name): \(error)")
      }
    }
  }

  /// Two pairs, and one whose sides no stride divides; pictures in -1…1 too.
  @Test(arguments: [("pair", PixelRange.zeroToOne), ("odd", .zeroToOne), ("pair", .minusOneToOne)])
  func distances(_ name: String, _ range: PixelRange) throws {
    let original = try Originals("perceptual")
    let isSigned = range == .minusOneToOne
    let pictures = try ["a", "b"].map { try original.channelsLast("\(name).\($0)") }
    let expected = try original.floats("\(name).distance")
    let slope = try original.channelsLast("\(name).a.grad").values.map { isSigned ? $0 / 2 : $0 }

    let graph = Graph()
    let distance = try PerceptualDistance(checkpoint(), in: graph, range: range)
    let (a, b) = (graph.input("a", pictures[0].shape), graph.input("b", pictures[1].shape))
    let distances = distance(a, b)
    let sum = distances.sum(axes: [0]).reshaped([])
    graph.output("distances", distances)
    graph.output("reverse", distance(b, a))
    graph.output("gradient", graph.gradients(of: sum, withRespectTo: [a])[0])
    for device in ComputeDevice.all() {
      let executable = try device.compile(graph)
      for (input, picture) in zip(["a", "b"], pictures) {
        try executable.write(input, isSigned ? picture.values.map { 2 * $0 - 1 } : picture.values)
      }
      try executable.step()
      let errors = [
        "distances": largestError(try executable.read("distances"), expected),
        "reverse": largestError(try executable.read("reverse"), expected),
        "gradient": largestError(try executable.read("gradient"), slope),
      ]
      for (part, error) in errors {
        #expect(error <= tolerance, "\(name): \(part) on \(device.name): \(error)")
      }
    }
  }

  /// Equal pictures have distance 0, with a gradient of 0 that is a number, even where all is black.
  @Test func equalPictures() throws {
    let graph = Graph()
    let distance = try PerceptualDistance(checkpoint(), in: graph)
    let (a, b) = (graph.input("a", [1, 32, 32, 3]), graph.input("b", [1, 32, 32, 3]))
    let distances = distance(a, b)
    graph.output("distances", distances)
    let sum = distances.reshaped([])
    for (name, gradient) in zip(["da", "db"], graph.gradients(of: sum, withRespectTo: [a, b])) {
      graph.output(name, gradient)
    }
    for device in ComputeDevice.all() {
      let executable = try device.compile(graph)
      for value: Float in [0, 0.5, 1] {
        let picture = [Float](repeating: value, count: 32 * 32 * 3)
        try executable.write("a", picture)
        try executable.write("b", picture)
        try executable.step()
        #expect(try executable.read("distances") == [0], "\(device.name)")
        for name in ["da", "db"] {
          #expect(try executable.read(name).allSatisfy { $0 == 0 }, "\(name) on \(device.name)")
        }
      }
    }
  }

  @Test func installedWeightsAreFound() throws {
    let path = try #require(PerceptualCheckpoint.installedPath)
    _ = try PerceptualCheckpoint(path: path)
    #expect(throws: (any Error).self) { try PerceptualCheckpoint(path: Originals.perceptor) }
  }
}
