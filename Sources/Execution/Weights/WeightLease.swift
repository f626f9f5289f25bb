import Synchronization

/// A weight, whatever device it is on.
protocol Leasable: AnyObject, Sendable {
  var key: WeightKey { get }
}

/// Holds the weights of a plan on its device from when the first program makes them, so that others
/// find them there; see ``ComputeDevice/lease(weightsOf:)``.
///
/// If the plan keeps a weight in another form than the programs before, the lease holds what it
/// will be made of.
public final class WeightLease: Sendable {
  private let keys: Set<WeightKey>
  private let weights = Mutex<[WeightKey: any Leasable]>([:])

  init(_ keys: Set<WeightKey>) { self.keys = keys }

  /// Keys of what is held.
  var held: Set<WeightKey> { weights.withLock { Set($0.keys) } }

  /// Holds those of `new` that are the plan's, and those that missing ones are still to be made of.
  func offer(_ new: [any Leasable]) {
    change { weights in
      let all = new.reduce(into: weights) { $0[$1.key] = $1 }
      let needed = inputs(ofAll: keys.filter { all[$0] == nil })
      weights = all.filter { keys.contains($0.key) || needed.contains($0.key) }
    }
  }

  /// Keys of files' tensors that the plan's missing weights are made of, where neither those that
  /// are held nor `made` lead to them.
  func missingReads(besides made: Set<WeightKey>) -> Set<WeightKey> {
    let held = held.union(made)
    var reads: Set<WeightKey> = []
    var known: Set<WeightKey> = []
    func visit(_ key: WeightKey) {
      guard !held.contains(key), known.insert(key).inserted else { return }
      if key.isRead { reads.insert(key) }
      for input in key.inputs { visit(input) }
    }
    for key in keys { visit(key) }
    return reads
  }

  /// Releases all but what is of `keys`.
  func empty(besides keys: Set<WeightKey>) {
    change { $0 = $0.filter { keys.contains($0.key) } }
  }

  /// Keys of all that the values of `keys` are made of.
  private func inputs(ofAll keys: Set<WeightKey>) -> Set<WeightKey> {
    var found: Set<WeightKey> = []
    func visit(_ key: WeightKey) {
      for input in key.inputs where found.insert(input).inserted { visit(input) }
    }
    for key in keys { visit(key) }
    return found
  }

  private func change(_ body: (inout [WeightKey: any Leasable]) -> Void) {
    // Evicted values are released outside the lock.
    _ = weights.withLock { weights in
      let former = weights
      body(&weights)
      return former
    }
  }
}
