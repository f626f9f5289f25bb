import Execution
import OpenCLRuntime
import TensorGraph
import TestSupport
import Testing

@Suite struct ExecutableTests {
  @Test(arguments: OpCase.pointwise) func pointwise(_ test: OpCase) throws {
    try checkExecution(test)
  }

  @Test(arguments: OpCase.reduction) func reduction(_ test: OpCase) throws {
    try checkExecution(test)
  }

  @Test(arguments: OpCase.movement + OpCase.views) func movement(_ test: OpCase) throws {
    try checkExecution(test)
  }

  @Test(arguments: OpCase.products + OpCase.depthwiseConvolution)
  func products(_ test: OpCase) throws {
    try checkExecution(test)
  }

  @Test(arguments: OpCase.normalization) func normalization(_ test: OpCase) throws {
    try checkExecution(test)
  }

  @Test(arguments: OpCase.attention) func attention(_ test: OpCase) throws {
    try checkExecution(test)
  }

  @Test(arguments: OpCase.quantization) func quantization(_ test: OpCase) throws {
    try checkExecution(test)
  }

  @Test(arguments: OpCase.pooling) func pooling(_ test: OpCase) throws {
    try checkExecution(test)
  }

  @Test(arguments: OpCase.sampling) func sampling(_ test: OpCase) throws {
    try checkExecution(test)
  }

  @Test(arguments: OpCase.random) func random(_ test: OpCase) throws {
    try checkExecution(test)
  }

  @Test(arguments: OpCase.peak) func peak(_ test: OpCase) throws {
    try checkExecution(test)
  }

  @Test(arguments: OpCase.optimizer) func optimizer(_ test: OpCase) throws {
    try checkExecution(test)
  }

  /// Gradient descent on (x - 3)²: x is kept on the device between steps.
  @Test func variablesKeepTheirValue() throws {
    let graph = Graph()
    let x = graph.variable("x", [2], .float32, .values([0, 10]))
    let loss = ((x - 3) * (x - 3)).sum(axes: [0]).reshaped([])
    let gradient = graph.gradients(of: loss, withRespectTo: [x])[0]
    graph.update(x, to: x - 0.25 * gradient)
    graph.output("loss", loss)
    for (device, executable) in try executables(graph) {
      for _ in 0..<3 { try executable.step() }
      #expect(try executable.read("x") == [2.625, 3.875], "\(device)")
      #expect(try executable.read("loss") == [3.625], "\(device)")
    }
  }

  /// A variable that another becomes is read before it changes, in whatever order that was asked for.
  @Test func updatesAllSeeTheValuesBefore() throws {
    let graph = Graph()
    let next = graph.variable("next", [1], .float32, .values([1]))
    let current = graph.variable("current", [1], .float32, .values([0]))
    let previous = graph.variable("previous", [1], .float32, .values([-1]))
    graph.update(current, to: next)
    graph.update(previous, to: current)
    graph.update(next, to: next + 1)
    for (device, executable) in try executables(graph) {
      for _ in 0..<2 { try executable.step() }
      let values = try ["previous", "current", "next"].flatMap(executable.read)
      #expect(values == [1, 2, 3], "\(device)")
    }
    graph.update(next, to: previous)
    for device in ComputeDevice.all() {
      #expect(throws: ShapeError.self, "\(device)") { try device.plan(graph) }
    }
  }

  /// Sums and products of integers are floats, those with 0 and 1 too.
  @Test func integersBecomeFloats() throws {
    let graph = Graph()
    let codes = graph.input("codes", [3], .int32)
    let weights = graph.constant("weights", [3, 1], .values([1, 10, 100]))
    graph.output("sum", (codes + 0).reshaped([1, 3]).matmul(weights))
    graph.output("codes times one", codes * 1)
    for (device, executable) in try executables(graph) {
      try executable.write("codes", [3, 2, 1])
      try executable.step()
      #expect(try executable.read("sum") == [123], "\(device)")
      #expect(try executable.read("codes times one") == [3, 2, 1], "\(device)")
    }
  }

  /// The smallest plan of a graph that takes a few bytes is looked for, and not for ever.
  @Test func aFewBytesMayBeTooMany() throws {
    let graph = Graph()
    let x = graph.variable("x", [2], .float32, .zeros)
    graph.output("y", (x.softmax() + 1).softmax())
    for var device in ComputeDevice.all() {
      device.memoryLimit = 8
      #expect(throws: ExecutionError.self, "\(device)") { try device.plan(graph) }
    }
  }

  @Test func aStepAllocatesAndBuildsNothing() throws {
    let graph = Graph()
    let x = graph.variable("x", [64], .float32, .values((0..<64).map(Float.init)))
    graph.update(x, to: x.sum(axes: [0]) * x.cosine())
    for device in try Device.all() {
      let executable = try OpenCLExecutable(
        OpenCLExecutable.plan(graph, on: device), on: device)
      try executable.step()
      let before = executable.context.statistics
      for _ in 0..<5 { try executable.step() }
      _ = try executable.read("x")
      #expect(executable.context.statistics == before)
    }
  }

  /// A profiled step is a step: same results, same updates, and a time for each part of the plan.
  @Test func aProfiledStepIsAStep() throws {
    let graph = Graph()
    let x = graph.variable("x", [64, 64], .float32, .values((0..<4096).map { Float($0 % 7) }))
    let product = x.matmul(x).softmax()
    graph.update(x, to: product)
    graph.output("product", product)
    for ((device, stepped), (_, profiled)) in zip(try executables(graph), try executables(graph)) {
      for _ in 0..<3 { try stepped.step() }
      try profiled.step()
      let profile = try profiled.profile()
      try profiled.step()
      #expect(try profiled.read("x") == stepped.read("x"), "\(device)")
      #expect(try profiled.read("product") == stepped.read("product"), "\(device)")
      #expect(profile.seconds.count == profiled.plan.loop.count, "\(device)")
      #expect(profile.seconds.allSatisfy { $0 >= 0 } && profile.total > 0, "\(device)")
    }
  }

  /// What a plan says is what is allocated, to the byte.
  @Test(arguments: 0..<3) func thePlannedBytesAreAllocated(_ seed: UInt64) throws {
    let graph = Graph.random(seed)
    for device in try Device.all() {
      let whole = try OpenCLExecutable.plan(graph, on: device)
      for memory in [whole.totalBytes, whole.totalBytes * 9 / 10] {
        let plan = try OpenCLExecutable.plan(graph, on: device, memory: memory)
        let context = try DeviceResources.of(device).context
        let before = context.statistics.bytesAllocated
        let executable = try OpenCLExecutable(plan, on: device)
        try executable.step()
        _ = try executable.read("loss")
        #expect(context.statistics.bytesAllocated - before == plan.totalBytes)
      }
    }
  }

  @Test func misuseIsNamed() throws {
    let graph = Graph()
    let x = graph.input("x", [2])
    graph.output("y", x + 1)
    for (_, executable) in try executables(graph) {
      #expect(throws: ExecutionError.unknownTensor(name: "z", known: ["x"])) {
        try executable.write("z", [1])
      }
      #expect(throws: ExecutionError.wrongCount(name: "x", expected: TensorType([2]), given: 3)) {
        try executable.write("x", [1, 2, 3])
      }
      #expect(throws: ExecutionError.self) { try executable.read("w") }
    }
  }

  /// A program that cannot fit is refused by name before anything is allocated.
  @Test func tooLargeProgramsAreRefused() throws {
    let graph = Graph()
    let x = graph.input("x", [1 << 20])
    graph.output("y", x.reshaped([1, -1]).broadcast(to: [1 << 20, 1 << 20]).maximum(x))
    for device in ComputeDevice.all() {
      let error = #expect(throws: ExecutionError.self) { try device.compile(graph) }
      guard case .outOfMemory(_, let needed, let available) = error else {
        Issue.record("\(device.name): \(String(describing: error))")
        continue
      }
      #expect(needed > 1 << 42 && available < needed)
      #expect(error?.description.contains("of memory") == true)
    }
  }
}
