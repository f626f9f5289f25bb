import Execution
import TensorGraph
import Testing

/// State of a program: all of its variables, by name.
@Suite struct StateTests {
  /// x follows y, y grows by an integer that the host may change.
  private func graph(extra: Bool = false) -> Graph {
    let graph = Graph()
    let x = graph.variable("x", [2, 3], .float32, .values([0, 1, 2, 3, 4, 5]))
    let y = graph.variable("y", [2, 3], .float32, .zeros)
    let growth = graph.variable("growth", [1], .int32, .values([1]))
    graph.update(x, to: x + y)
    graph.update(y, to: y + growth.broadcast(to: [2, 3]))
    if extra {
      let z = graph.variable("z", [1], .float32, .zeros)
      graph.update(z, to: z + 1)
    }
    return graph
  }

  @Test func aRestoredProgramContinues() throws {
    for (device, executable) in try executables(graph()) {
      try executable.step()
      try executable.write("growth", [3])
      try executable.step()
      let state = try executable.snapshot()
      #expect(Set(state.keys) == ["x", "y", "growth"], "\(device)")
      #expect(state["x"]?.shape == [2, 3], "\(device)")
      #expect(state["x"]?.values == [1, 2, 3, 4, 5, 6], "\(device)")
      #expect(state["growth"]?.values == [3], "\(device)")
      for _ in 0..<2 { try executable.step() }
      let continued = try executable.snapshot().mapValues(\.values)
      try executable.restore(state)
      #expect(try executable.snapshot().mapValues(\.values) == state.mapValues(\.values))
      for _ in 0..<2 { try executable.step() }
      #expect(try executable.snapshot().mapValues(\.values) == continued, "\(device)")
    }
  }

  /// All that is wrong is named, and nothing is written.
  @Test func anotherProgramsStateIsRefused() throws {
    for (device, executable) in try executables(graph(extra: true)) {
      let before = try executable.snapshot()
      var state = before
      state["x"] = HostTensor(shape: [3, 2])
      state["y"] = HostTensor(shape: [2, 3], [9, 9, 9, 9, 9, 9])
      state["z"] = nil
      state["w"] = HostTensor(shape: [1])
      let error = #expect(throws: ExecutionError.self) { try executable.restore(state) }
      #expect(
        error
          == .wrongState(
            missing: ["z"], unknown: ["w"], shapes: ["'x' is [3, 2], not [2, 3]"]))
      #expect(
        error?.description == "the state does not fit the program: 'z' is missing, "
          + "'w' is unknown, 'x' is [3, 2], not [2, 3]")
      #expect(try executable.snapshot().mapValues(\.values) == before.mapValues(\.values), "\(device)")
    }
  }
}
