import TensorGraph
import Testing

@Suite struct ArenaPlannerTests {
  @Test func valuesAliveTogetherDoNotOverlap() {
    let lifetimes = (0..<60).map { index in
      Lifetime(bytes: 1 + (index * 37) % 500, first: index, last: index + (index * 7) % 9)
    }
    var planner = ArenaPlanner(alignment: 64, arenaLimit: 2048)
    let slots = planner.place(lifetimes)
    for (i, a) in slots.enumerated() {
      #expect(a.offset % 64 == 0 && a.offset + lifetimes[i].bytes <= planner.arenas[a.arena])
      #expect(planner.arenas[a.arena] <= 2048)
      for (j, b) in slots.enumerated() where i < j && a.arena == b.arena {
        let (first, second) = (lifetimes[i], lifetimes[j])
        let together = first.first <= second.last && second.first <= first.last
        let apart = a.offset + first.bytes <= b.offset || b.offset + second.bytes <= a.offset
        #expect(!together || apart, "\(i) and \(j)")
      }
    }
  }

  @Test func memoryIsReusedInTurn() {
    var planner = ArenaPlanner(alignment: 1, arenaLimit: .max)
    _ = planner.place((0..<10).map { Lifetime(bytes: 100, first: $0, last: $0 + 1) })
    #expect(planner.arenas == [200])
  }
}
