import Execution
import TensorGraph
import TestSupport
import Testing

/// Variables: written in place where that is safe, and shared by programs.
@Suite struct VariableTests {
  /// Neither the new value nor the old one takes memory beside the variable.
  @Test func anUpdateTakesNoMemoryOfItsOwn() throws {
    let count = 1 << 14
    let graph = Graph()
    let x = graph.variable("x", [count], .float32, .values((0..<count).map(Float.init)))
    graph.update(x, to: 0.5 * x + 1)
    for device in ComputeDevice.all() {
      let plan = try device.plan(graph)
      #expect(plan.totalBytes == 4 * count, "\(device)")
      try plan.checkMemory()
      let executable = try device.compile(plan)
      for _ in 0..<2 { try executable.step() }
      #expect(
        try executable.read("x") == (0..<count).map { 0.25 * Float($0) + 1.5 }, "\(device)")
    }
  }

  /// All of Adam's state changes in place, though the parameter reads both moments.
  @Test func adamUpdatesInPlace() throws {
    let count = 1 << 12
    func graph(isReadLater: Bool) -> Graph {
      let graph = Graph()
      let start = (0..<count).map { Float($0 % 17) - 8 }
      let x = graph.variable("x", [count], .float32, .values(start))
      let m = graph.variable("m", [count], .float32, .zeros)
      let v = graph.variable("v", [count], .float32, .zeros)
      let gradient = graph.gradients(of: (x * x).mean(), withRespectTo: [x])[0]
      let newM = m + (gradient - m) * 0.1
      let newV = v * 0.999 + gradient * gradient * 0.001
      let newX = x - 0.1 * newM / (newV.squareRoot() + 1e-8)
      for (variable, value) in [(x, newX), (m, newM), (v, newV)] {
        graph.update(variable, to: value)
      }
      // What the host reads has memory of its own, so these are copied.
      if isReadLater {
        graph.output("new x", newX)
        graph.output("new m", newM)
        graph.output("new v", newV)
      }
      return graph
    }
    for device in ComputeDevice.all() {
      let plan = try device.plan(graph(isReadLater: false))
      let copying = try device.plan(graph(isReadLater: true))
      try plan.checkMemory()
      #expect(plan.updates.isEmpty, "\(device): \(plan)")
      #expect(copying.totalBytes - plan.totalBytes >= 3 * 4 * count, "\(device)")
      let (first, second) = (try device.compile(plan), try device.compile(copying))
      for _ in 0..<3 {
        try first.step()
        try second.step()
      }
      for name in ["x", "m", "v"] {
        #expect(try first.read(name) == second.read(name), "\(device): \(name)")
      }
    }
  }

  /// Of two variables that each other's new value reads, one is copied.
  @Test func variablesThatReadEachOtherAreRight() throws {
    let graph = Graph()
    let a = graph.variable("a", [4], .float32, .values([1, 2, 3, 4]))
    let b = graph.variable("b", [4], .float32, .values([5, 6, 7, 8]))
    graph.update(a, to: a + b)
    graph.update(b, to: a * b)
    for device in ComputeDevice.all() {
      let plan = try device.plan(graph)
      #expect(plan.updates.count == 1, "\(device)")
      try plan.checkMemory()
      let executable = try device.compile(plan)
      for _ in 0..<2 { try executable.step() }
      #expect(try executable.read("a") == [11, 20, 31, 44], "\(device)")
      #expect(try executable.read("b") == [30, 96, 210, 384], "\(device)")
    }
  }

  /// A new value that reads other elements of its variable is not written over it.
  @Test func aValueThatReadsElsewhereIsCopied() throws {
    let graph = Graph()
    let x = graph.variable("x", [2, 3], .float32, .values([1, 2, 3, 4, 5, 6]))
    graph.update(x, to: x.flipped(axis: 1) + 1)
    for device in ComputeDevice.all() {
      let plan = try device.plan(graph)
      #expect(plan.updates.count == 1, "\(device)")
      let executable = try device.compile(plan)
      try executable.step()
      #expect(try executable.read("x") == [4, 3, 2, 7, 6, 5], "\(device)")
    }
  }

  @Test func programsShareVariables() throws {
    let training = Graph()
    let w = training.variable("w", [8], .float32, .values(Array(repeating: 1, count: 8)))
    let own = training.variable("steps", [1], .float32, .zeros)
    training.update(w, to: w * 2)
    training.update(own, to: own + 1)
    let evaluation = Graph()
    // The initial value is the first program's.
    let same = evaluation.variable("w", [8], .float32, .zeros)
    let other = evaluation.variable("steps", [2], .float32, .zeros)
    evaluation.output("sum", same.sum(axes: [0]))
    evaluation.update(other, to: other + 1)
    for device in ComputeDevice.all() {
      let variables = VariableStore()
      let train = try device.compile(device.plan(training), variables: variables)
      let eval = try device.compile(device.plan(evaluation), variables: variables)
      for expected: Float in [16, 32] {
        try train.step()
        try eval.step()
        #expect(try eval.read("sum") == [expected], "\(device)")
      }
      try eval.write("w", [Float](repeating: 3, count: 8))
      try train.step()
      #expect(try eval.read("w") == [Float](repeating: 6, count: 8), "\(device)")
      #expect(try train.read("steps") == [3] && eval.read("steps") == [2, 2], "\(device)")
      // Alone, it begins anew.
      let alone = try device.compile(device.plan(training))
      #expect(try alone.read("w") == [Float](repeating: 1, count: 8), "\(device)")
    }
  }
}
