import Execution
import Guidance
import TensorGraph
import Testing

/// Gradients stored as halves that overflow, on every device that stores them.
@Suite struct LossScaleTests {
  /// loss = 100·mean((x·w)²) with x and w all 1/8 and of 64×64: every product is 1, and the
  /// gradient stored for it is 200·scale/4096, and that of x eight times as much: beyond 65504
  /// until the scale has fallen to 2¹⁷.
  @Test func anOverflowHalvesTheScaleAndChangesNothingElse() throws {
    for device in ComputeDevice.all() where device.storesHalves {
      let graph = Graph()
      graph.precision = .half
      let shape = [64, 64]
      let eighths = InitialValue.values([Float](repeating: 0.125, count: 4096))
      let x = graph.variable("x", shape, .float32, eighths)
      let product = x.matmul(graph.constant("w", shape, eighths))
      let loss = 100 * (product * product).mean()
      let scale = LossScale("scale", loss: loss, targets: [x])
      scale.update(x, to: x - scale.gradients[0])
      graph.output("loss", loss)
      let executable = try device.compile(graph)
      try executable.write("scale", [0x1p22])

      for fallen in 1...2 {
        try executable.step()
        #expect(try executable.read("scale") == [0x1p22 / Float(1 << fallen)], "\(device)")
        #expect(try executable.read("x").allSatisfy { $0 == 0.125 }, "\(device)")
      }
      try executable.write("scale", [0x1p17])
      try executable.step()
      #expect(try executable.read("scale") == [0x1p17], "\(device)")
      // dloss/dx = 200/4096·Σ w over the 64 columns.
      let expected = 0.125 - Float(200) / 4096 * 8
      #expect(try executable.read("x").allSatisfy { abs($0 - expected) < 1e-3 }, "\(device)")
    }
  }
}
