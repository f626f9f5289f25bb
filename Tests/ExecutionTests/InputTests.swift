import Execution
import TensorGraph
import Testing

/// Inputs: typed, and written while steps run.
@Suite struct InputTests {
  @Test(arguments: [3, 32, 33]) func picturesAreBytes(_ count: Int) throws {
    let graph = Graph()
    let picture = graph.input("picture", [2, count], .uint8)
    graph.output("y", picture.converted(to: .float32) * (1 / 255))
    graph.output("flipped", picture.converted(to: .float32).permuted([1, 0]))
    let bytes = (0..<2 * count).map { UInt8(($0 * 37 + 200) % 256) }
    for (device, executable) in try executables(graph) {
      try executable.write("picture", bytes: bytes)
      try executable.step()
      let expected = bytes.map { Float($0) * (1 / 255) }
      #expect(try executable.read("y") == expected, "\(device)")
      let flipped = (0..<2 * count).map { Float(bytes[$0 % 2 * count + $0 / 2]) }
      #expect(try executable.read("flipped") == flipped, "\(device)")
      #expect(try executable.read("picture") == bytes.map(Float.init), "\(device)")
      // Floats are limited to what bytes hold.
      try executable.write("picture", bytes.map { 3 * Float($0) - 255 })
      try executable.step()
      let clamped = bytes.map { Float(min(max(3 * Int($0) - 255, 0), 255)) * (1 / 255) }
      #expect(try executable.read("y") == clamped, "\(device)")
    }
  }

  @Test(arguments: [3, 32]) func integersAreTakenAsTheyAre(_ count: Int) throws {
    let graph = Graph()
    let codes = graph.input("codes", [count], .int32)
    graph.output("y", codes.converted(to: .float32) * 2)
    let values = (0..<Int32(count)).map { 1000 * $0 - 7 }
    for (device, executable) in try executables(graph) {
      try executable.write("codes", integers: values)
      try executable.step()
      #expect(try executable.read("y") == values.map { 2 * Float($0) }, "\(device)")
      #expect(throws: ExecutionError.self) { try executable.write("codes", integers: [1]) }
    }
  }

  /// A step that is queued sees the value before, however often the next one's is written.
  @Test func queuedStepsSeeTheirOwnInput() throws {
    let graph = Graph()
    let x = graph.input("x", [1])
    let sum = graph.variable("sum", [1], .float32, .zeros)
    let power = graph.variable("power", [1], .float32, .values([1]))
    // Work that takes a while, so that steps are still queued when the next values are written.
    let matrix = graph.literal([Float](repeating: 1 / 128, count: 128 * 128), [128, 128])
    var product = x.broadcast(to: [128, 128])
    for _ in 0..<20 { product = product.matmul(matrix) }
    graph.update(sum, to: sum + power * product.sum(axes: [0, 1]).reshaped([1]) * (1 / 16384))
    graph.update(power, to: power * 2)
    for (device, executable) in try executables(graph) {
      for value in 1...6 {
        try executable.write("x", [99])
        try executable.write("x", [Float(value)])
        try executable.step()
      }
      // 1·1 + 2·2 + 3·4 + 4·8 + 5·16 + 6·32
      #expect(try executable.read("sum") == [321], "\(device)")
    }
  }

  @Test func severalTensorsAreReadAtOnce() throws {
    let graph = Graph()
    let x = graph.input("x", [2])
    let step = graph.variable("step", [1], .float32, .zeros)
    graph.update(step, to: step + 1)
    graph.output("y", x + 1)
    graph.output("row", (x * 2).reshaped([1, 2]))
    for (device, executable) in try executables(graph) {
      try executable.write("x", [1, 2])
      try executable.step()
      #expect(
        try executable.read(["y", "step", "x", "row"]) == [[2, 3], [1], [1, 2], [2, 4]],
        "\(device)")
      #expect(throws: ExecutionError.self) { try executable.read(["y", "z"]) }
    }
  }
}
