import Synchronization

/// The value of an option with its place on the command line: options of different names end up in
/// lists of their own, and this puts them in one order again.
struct Placed<Value: Sendable>: Sendable {
  let place: Int
  let value: Value

  /// To be called while the command line is parsed, which goes from left to right.
  init(_ value: Value) {
    place = nextPlace.add(1, ordering: .relaxed).oldValue
    self.value = value
  }
}

private let nextPlace = Atomic(0)
