import Execution
import Guidance
import TensorGraph
import TestSupport
import Testing

/// Optimizers against PyTorch's formulas.
@Suite struct OptimizerTests {
  /// Parameters after each of `gradients.shape[0]` steps at rate 0.1, by the interpreter in Double.
  private func descend(
    _ optimizer: any Optimizer, from start: HostTensor<Double>, gradients: HostTensor<Double>
  ) throws -> [[Double]] {
    let graph = Graph()
    let count = start.count
    let x = graph.input("x", [count])
    let gradient = graph.input("gradient", [count])
    let step = graph.input("step", [1])
    var state = OptimizerState(of: "x", [count], step: step)
    let moved = optimizer.update(x, gradient: gradient, state: &state, rate: step.fullLike(0.1))
    let updates = state.updates
    let names = updates.map(\.variable.op.name)
    var values = ["x": start]
    for name in names { values[name] = HostTensor<Double>(shape: [count]) }
    return try (0..<gradients.shape[0]).map { index in
      values["gradient"] = HostTensor(
        shape: [count], gradients.values[index * count..<(index + 1) * count])
      values["step"] = HostTensor(shape: [1], [Double(index + 1)])
      let results = try graph.interpret([moved] + updates.map(\.value), feeds: values)
      values["x"] = results[0]
      for (name, value) in zip(names, results.dropFirst()) { values[name] = value }
      return results[0].values
    }
  }

  @Test func adamIsPyTorchs() throws {
    let originals = try Originals("ops")
    let steps = try descend(
      Adam(), from: originals("adam.start"), gradients: originals("adam.gradients"))
    let expected = try originals("adam.x").values
    for (index, values) in steps.enumerated() {
      let row = Array(expected[12 * index..<12 * (index + 1)])
      #expect(relativeError(values, row) < 1e-6, "step \(index + 1)")
    }
  }

  /// `torch.optim.AdamW`: x ← x·(1 − rate·decay), then Adam's step, written out in Double.
  @Test func adamWDecaysFirst() throws {
    let start = HostTensor<Double>(shape: [3], [1, -2, 0.5])
    let gradients = HostTensor<Double>(shape: [4, 3], (0..<12).map { Double($0 % 5) - 1.7 })
    var (x, m, v) = (start.values, [0.0, 0, 0], [0.0, 0, 0])
    let steps = try descend(AdamW(), from: start, gradients: gradients)
    for t in 1...4 {
      for i in 0..<3 {
        let g = gradients[3 * (t - 1) + i]
        x[i] *= 1 - 0.1 * 0.01
        m[i] = 0.9 * m[i] + 0.1 * g
        v[i] = 0.999 * v[i] + 0.001 * g * g
        let (first, second) = (m[i] / (1 - power(0.9, t)), v[i] / (1 - power(0.999, t)))
        x[i] -= 0.1 * first / (second.squareRoot() + 1e-8)
      }
      #expect(relativeError(steps[t - 1], x) < 1e-6, "step \(t)")
    }
  }

  /// 100 steps at rate 0.05 on [2,3,4], as Fixtures/make_optimizers.py takes them, by the interpreter in
  /// Double.
  @Test(arguments: ["adagrad", "adamax", "adamp", "diffgrad", "radam", "rmsprop"])
  func trajectoriesAreTheOriginals(_ name: String) throws {
    let originals = try Originals("optimizers")
    let (scale, target) = (try originals("scale"), try originals("target"))
    let (noise, expected) = (try originals("noise"), try originals("\(name).x").values)
    let (shape, count) = ([2, 3, 4], 24)
    let graph = Graph()
    let (x, gradient) = (graph.input("x", shape), graph.input("gradient", shape))
    let step = graph.input("step", [1, 1, 1])
    var state = OptimizerState(of: "x", shape, step: step)
    let optimizer = try Optimizers.named(name)
    let moved = optimizer.update(x, gradient: gradient, state: &state, rate: step.fullLike(0.05))
    let updates = state.updates
    var values = ["x": try originals("start")]
    for update in updates { values[update.variable.op.name] = HostTensor<Double>(shape: shape) }
    for t in 0..<100 {
      let now = values["x"]!
      var slope = (0..<count).map { scale[$0] * (now[$0] - target[$0]) + noise[t * count + $0] }
      if t % 3 == 2 {
        for row in [0..<12, 12..<24] {
          let along = row.reduce(0) { $0 + slope[$1] * now[$1] }
            / row.reduce(0) { $0 + now[$1] * now[$1] }
          for index in row { slope[index] -= along * now[index] }
        }
      }
      values["gradient"] = HostTensor(shape: shape, slope)
      values["step"] = HostTensor(shape: [1, 1, 1], [Double(t + 1)])
      let results = try graph.interpret([moved] + updates.map(\.value), feeds: values)
      values["x"] = results[0]
      for (update, value) in zip(updates, results.dropFirst()) {
        values[update.variable.op.name] = value
      }
      let row = Array(expected[t * count..<(t + 1) * count])
      #expect(relativeError(results[0].values, row) < 1e-5, "step \(t + 1)")
    }
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }

  /// Every optimizer brings (x − 3)² down on every device, and its state outlives a save.
  @Test func everyOptimizerDescendsAndIsSaved() throws {
    for type in Optimizers.known {
      for device in ComputeDevice.compared {
        var problem = GuidanceProblem(
          PixelGenerator(), losses: [Distance(to: 0.75)], optimizer: type.init(), width: 8,
          height: 4, learningRate: 0.2, steps: 20)
        problem.seed = 3
        let descent = try Descent(problem, on: device)
        try descent.begin(
          from: PixelGenerator().randomStart(width: 8, height: 4, seed: 3, number: 0))
        try descent.step()
        let first = try descent.losses().total
        for _ in 1..<10 { try descent.step() }
        let saved = try descent.snapshot()
        for _ in 10..<20 { try descent.step() }
        let (last, picture) = (try descent.losses().total, try descent.image())
        // RAdam's first steps are short.
        let share: Float = type.name == RAdam.name ? 0.95 : 0.25
        #expect(last < share * first, "\(type.name) on \(device)")
        let resumed = try Descent(problem, on: device)
        try resumed.restore(saved)
        for _ in 10..<20 { try resumed.step() }
        #expect(try resumed.image() == picture, "\(type.name) on \(device)")
      }
    }
  }
}

/// Mean squared distance of the picture to one brightness.
struct Distance: LossTerm {
  let brightness: Float
  let name = "distance"
  let weight: Float = 1

  init(to brightness: Float) { self.brightness = brightness }

  func value(_ context: GuidanceContext) -> Tensor {
    let way = context.picture - brightness
    return (way * way).mean()
  }
}
