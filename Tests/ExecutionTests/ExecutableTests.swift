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

  @Test(arguments: OpCase.matmul) func matmul(_ test: OpCase) throws {
    try checkExecution(test)
  }

  @Test(arguments: OpCase.convolution) func convolution(_ test: OpCase) throws {
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
        let executable = try OpenCLExecutable(plan, on: device)
        try executable.step()
        _ = try executable.read("loss")
        #expect(executable.context.statistics.bytesAllocated == plan.totalBytes)
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
