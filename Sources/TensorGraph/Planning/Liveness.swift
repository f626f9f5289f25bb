/// Which values take part in arenas, and from when to when each needs its place there.
///
/// Moments number the steps of the set-up and then those of the loop. A value that its step may
/// write over one of its inputs, read for the last time, takes that input's place.
struct Liveness {
  /// What lies in a place: the value of a node, or one of its kernels' scratch buffers.
  enum Tenant: Hashable { case value(Int), scratch(node: Int, index: Int) }

  /// One for every place.
  private(set) var lifetimes: [Lifetime] = []
  /// The place of each tenant.
  private(set) var places: [Tenant: Int] = [:]
  /// Constants that the set-up alone reads, by the first of its steps that does.
  private(set) var uploads: [Int: [Int]] = [:]

  /// - Parameters:
  ///   - scratch: bytes of a node's scratch buffers.
  init(_ trace: Trace, _ phases: Phases, scratch: (Int) -> [Int]) {
    let (nodes, storage) = (trace.nodes, phases.storage)
    let order = phases.once + phases.perStep
    var last: [Int: Int] = [:]
    for (moment, id) in order.enumerated() {
      for input in nodes[id].inputs { last[storage[input]] = moment }
    }
    for update in trace.updates { last[storage[update.value]] = order.count }

    for (moment, id) in order.enumerated() {
      for input in Set(nodes[id].inputs.map { storage[$0] }).sorted()
      where !phases.isKept(input) && places[.value(input)] == nil {
        uploads[moment, default: []].append(input)
        open(.value(input), nodes[input].type.byteCount, moment...last[input]!)
      }
      if !phases.isKept(id) {
        let until = max(last[id] ?? moment, moment)
        let input = phases.overwritable(by: id, in: trace).first { last[$0] == moment }
        if let input {
          inherit(.value(id), from: .value(input), until: until)
        } else {
          open(.value(id), nodes[id].type.byteCount, moment...until)
        }
      }
      for (index, bytes) in scratch(id).enumerated() {
        open(.scratch(node: id, index: index), bytes, moment...moment)
      }
    }
  }

  private mutating func open(_ tenant: Tenant, _ bytes: Int, _ span: ClosedRange<Int>) {
    places[tenant] = lifetimes.count
    lifetimes.append(
      Lifetime(bytes: max(bytes, 4), first: span.lowerBound, last: span.upperBound))
  }

  private mutating func inherit(_ tenant: Tenant, from former: Tenant, until last: Int) {
    let place = places[former]!
    places[tenant] = place
    lifetimes[place] = Lifetime(
      bytes: lifetimes[place].bytes, first: lifetimes[place].first, last: last)
  }
}
