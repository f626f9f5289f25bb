import TensorGraph
import TestSupport
import Testing

/// Schedules of random programs: every value is computed from values that are there, in no more
/// memory than was given.
@Suite struct RematerializationTests {
  @Test(arguments: 0..<40) func forgottenValuesAreComputedAgainInTime(_ seed: UInt64) throws {
    let graph = MemoryGraph.random(seed)
    let order = Array(graph.values.indices)
    let peak = graph.peak(order)
    #expect(peak == graph.measuredPeak(order))
    #expect(graph.measuredPeak(graph.depthFirst) != nil)
    #expect(Set(graph.depthFirst) == Set(order) && graph.depthFirst.count == order.count)
    for percent in [95, 80, 65, 50] {
      let budget = peak * percent / 100
      for preference in Rematerialization.preferences {
        let schedule = Rematerialization.schedule(
          order, of: graph, budget: budget, preference: preference)
        guard let schedule else { continue }
        let measured = try #require(graph.measuredPeak(schedule))
        #expect(measured <= budget && measured == graph.peak(schedule))
        #expect(Set(schedule) == Set(order))
        #expect(graph.weightedCost(schedule) >= graph.weightedCost(order))
      }
    }
  }

  /// A chain whose gradient needs every value, last first: the textbook case. √n values kept, each
  /// step costs one forward pass more.
  @Test func aChainFitsIntoLittleForOneMorePass() throws {
    let length = 64
    let graph = MemoryGraph.chain(length)
    let order = Array(graph.values.indices)
    #expect(graph.peak(order) > length)
    let best = Rematerialization.preferences.compactMap {
      Rematerialization.schedule(order, of: graph, budget: 20, preference: $0)
    }.min { graph.weightedCost($0) < graph.weightedCost($1) }
    let schedule = try #require(best)
    #expect(graph.peak(schedule) <= 20)
    #expect(schedule.count <= order.count + length)
  }

  @Test func whatFitsIsLeftAsItIs() {
    let graph = MemoryGraph.chain(16)
    let order = Array(graph.values.indices)
    for preference in Rematerialization.preferences {
      let schedule = Rematerialization.schedule(
        order, of: graph, budget: graph.peak(order), preference: preference)
      #expect(schedule == order)
    }
  }

  @Test func whatCannotFitIsRefused() {
    let graph = MemoryGraph.chain(16)
    for preference in Rematerialization.preferences {
      let schedule = Rematerialization.schedule(
        Array(graph.values.indices), of: graph, budget: 2, preference: preference)
      #expect(schedule == nil)
    }
  }

  /// Two branches that need much while they are computed and leave little: one after the other.
  @Test func branchesAreComputedOneAfterTheOther() {
    typealias Value = MemoryGraph.Value
    let graph = MemoryGraph([
      Value(bytes: 100, inputs: []), Value(bytes: 100, inputs: []),
      Value(bytes: 1, inputs: [0]), Value(bytes: 1, inputs: [1]),
      Value(bytes: 1, inputs: [2, 3], isResult: true),
    ])
    #expect(graph.peak([0, 1, 2, 3, 4]) == 201)
    #expect(graph.peak(graph.depthFirst) == 102)
  }
}

extension MemoryGraph {
  /// A chain of values of one byte and its reversal, where each step reads one of the chain's.
  fileprivate static func chain(_ length: Int) -> MemoryGraph {
    var values = (0..<length).map { Value(bytes: 1, inputs: $0 == 0 ? [] : [$0 - 1]) }
    for index in (0..<length).reversed() {
      let id = values.count
      values.append(
        Value(
          bytes: 1, inputs: index == length - 1 ? [index] : [index, id - 1],
          isResult: index == 0))
    }
    return MemoryGraph(values)
  }

  /// A program with everything there is: shared values, scratch, values of their own memory, values
  /// written over others, results.
  fileprivate static func random(_ seed: UInt64) -> MemoryGraph {
    var random = TestRandom(seed &+ 1)
    func number(_ range: Range<Int>) -> Int {
      range.lowerBound + Int((random.next() + 1) / 2 * Double(range.count))
    }
    var values: [Value] = []
    for id in 0..<80 {
      let reach = number(0..<4) == 0 ? 40 : 5
      let inputs = Set((0..<number(0..<4)).map { _ in number(max(0, id - reach)..<max(id, 1)) })
      let known = inputs.filter { $0 < id }.sorted()
      let isOwn = number(0..<12) == 0
      let bytes = isOwn ? 0 : [1, 4, 16][number(0..<3)]
      values.append(
        Value(
          bytes: bytes, scratch: number(0..<4) == 0 ? number(0..<20) : 0, inputs: known,
          overwritable: isOwn ? [] : known.filter { values[$0].bytes == bytes && id % 2 == 0 },
          weightedCost: Double(number(1..<100)), isResult: id == 79 || number(0..<20) == 0))
    }
    return MemoryGraph(values)
  }

  /// The peak of `schedule`, moment by moment and by definition; nil if a value is computed from
  /// one that was never.
  fileprivate func measuredPeak(_ schedule: [Int]) -> Int? {
    // Positions at which what was computed at each position is read.
    var readers = schedule.map { _ in [Int]() }
    var latest: [Int: Int] = [:]
    for (position, id) in schedule.enumerated() {
      for input in values[id].inputs {
        guard let source = latest[input] else { return nil }
        readers[source].append(position)
      }
      latest[id] = position
    }
    for (id, position) in latest where values[id].isResult {
      readers[position].append(schedule.count)
    }
    let peaks = schedule.indices.map { position in
      let value = values[schedule[position]]
      let alive = (0...position).filter { (readers[$0].max() ?? $0) >= position }
      let bytes = alive.reduce(0) { $0 + values[schedule[$1]].bytes }
      let isInPlace = value.bytes > 0 && alive.contains {
        value.overwritable.contains(schedule[$0]) && readers[$0].max() == position
      }
      return bytes + value.scratch - (isInPlace ? value.bytes : 0)
    }
    return peaks.max()
  }
}
