import Foundation
import Synchronization

/// The constant values of one device, shared by all programs of the process: each is made once, and
/// lives as long as a program or a ``WeightLease`` holds it.
package final class WeightStore<Value: Sendable>: Sendable {
  /// A value on the device.
  final class Weight: Leasable {
    let key: WeightKey
    let value: Value

    init(key: WeightKey, value: Value) {
      self.key = key
      self.value = value
    }
  }

  private struct Entry: Sendable { weak var weight: Weight? }

  private let entries = Mutex<[WeightKey: Entry]>([:])
  private let leases = Leases()
  /// Held while a program's weights are made, so that no other program makes the same.
  private let making = NSLock()

  init() {}

  /// The weights that a program keeps, which live as long as the result does.
  ///
  /// - Parameters:
  ///   - keys: of all constant values of the program, by node.
  ///   - kept: nodes of those that it keeps; it makes the others on the way to them.
  ///   - room: bytes that leases may hold besides what the program keeps. Where they hold more,
  ///     they are emptied of it.
  ///   - make: makes what is missing. It is given the values that are there, and nodes of values
  ///     read on the way that leases need a copy of; it returns the values of both these and `kept`.
  func weights(
    of keys: [Int: WeightKey], kept: Set<Int>, room: Int,
    make: (_ present: [Int: Value], _ wanted: Set<Int>) throws -> [Int: Value]
  ) throws -> [Weight] {
    try making.withLock {
      let own = Set(kept.compactMap { keys[$0] })
      if leasedBytes(besides: own) > room { leases.empty(besides: own) }
      var weights = entries.withLock { entries in keys.compactMapValues { entries[$0]?.weight } }
      let read = leases.missingReads(besides: own)
      var wanted = Set(keys.keys.filter { read.contains(keys[$0]!) && !kept.contains($0) })
      wanted.subtract(weights.keys)
      let bytes = Set(wanted.map { keys[$0]! }).reduce(0) { $0 + $1.byteCount }
      if leasedBytes(besides: own) + bytes > room { wanted = [] }

      let values = try make(weights.mapValues(\.value), wanted)
      for (id, value) in values where weights[id] == nil {
        weights[id] = keys[id].map { Weight(key: $0, value: value) }
      }
      entries.withLock { entries in
        entries = entries.filter { $0.value.weight != nil }
        for weight in weights.values { entries[weight.key] = Entry(weight: weight) }
      }
      leases.offer(Array(weights.values))
      return kept.compactMap { weights[$0] }
    }
  }

  /// A lease of the weights of `keys`: those that are there, and those that are still to be made.
  func lease(_ keys: Set<WeightKey>) -> WeightLease {
    let lease = WeightLease(keys)
    leases.add(lease)
    let present = entries.withLock { entries in entries.values.compactMap(\.weight) }
    lease.offer(present)
    return lease
  }

  /// Bytes that leases hold besides `keys`.
  func leasedBytes(besides keys: Set<WeightKey> = []) -> Int {
    leases.held.subtracting(keys).reduce(0) { $0 + $1.byteCount }
  }
}

/// The leases of a device.
private final class Leases: Sendable {
  private struct Entry: Sendable { weak var lease: WeightLease? }

  private let entries = Mutex<[Entry]>([])

  private var alive: [WeightLease] { entries.withLock { $0.compactMap(\.lease) } }

  func add(_ lease: WeightLease) {
    entries.withLock { entries in
      entries.removeAll { $0.lease == nil }
      entries.append(Entry(lease: lease))
    }
  }

  func offer(_ weights: [any Leasable]) {
    for lease in alive { lease.offer(weights) }
  }

  var held: Set<WeightKey> { alive.reduce(into: []) { $0.formUnion($1.held) } }

  func missingReads(besides keys: Set<WeightKey>) -> Set<WeightKey> {
    alive.reduce(into: []) { $0.formUnion($1.missingReads(besides: keys)) }
  }

  func empty(besides keys: Set<WeightKey>) {
    for lease in alive { lease.empty(besides: keys) }
  }
}
