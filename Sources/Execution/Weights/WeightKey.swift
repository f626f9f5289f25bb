import Synchronization
import TensorGraph

/// Identity of a constant value: a file's tensor and how it is read, or an op on the values of
/// other keys, computed by one kernel.
///
/// Two values of equal keys are equal to the byte on the same device. There is one object for each
/// key in a process, so keys are compared by identity.
final class WeightKey: @unchecked Sendable {
  /// Source, by its identity, or computation. Inputs are compared as objects: they are unique, too.
  private struct Content: Hashable, @unchecked Sendable {
    /// Op; of a source, the identity of its value.
    let origin: AnyHashable
    let type: TensorType
    let inputs: [ObjectIdentifier]
    /// Kernels that compute it: other ones may round otherwise.
    let launches: [KernelLaunch]
  }

  private struct Entry { weak var key: WeightKey? }

  private static let known = Mutex<[Content: Entry]>([:])

  private let content: Content
  /// Objects of a computation, kept alive so that no other object gets their identifiers.
  let inputs: [WeightKey]
  /// True if the value is read from a file.
  let isRead: Bool

  /// Bytes of the value.
  var byteCount: Int { content.type.byteCount }

  private init(_ content: Content, _ inputs: [WeightKey], isRead: Bool) {
    self.content = content
    self.inputs = inputs
    self.isRead = isRead
  }

  deinit {
    // Another object may have taken its place meanwhile; it is not released under the lock.
    _ = Self.known.withLock { known in
      let successor = known[content]?.key
      if successor == nil { known[content] = nil }
      return successor
    }
  }

  /// The key of a value that `origin` and `inputs` make.
  static func of(
    _ origin: AnyHashable, _ type: TensorType, inputs: [WeightKey] = [],
    launches: [KernelLaunch] = [], isRead: Bool = false
  ) -> WeightKey {
    let content = Content(
      origin: origin, type: type, inputs: inputs.map(ObjectIdentifier.init), launches: launches)
    let new = WeightKey(content, inputs, isRead: isRead)
    // No key is released under the lock, which its deinitialiser takes.
    let key = known.withLock { known in
      if let key = known[content]?.key { return key }
      known[content] = Entry(key: new)
      return new
    }
    return withExtendedLifetime(new) { key }
  }
}

extension WeightKey: Hashable {
  static func == (a: WeightKey, b: WeightKey) -> Bool { a === b }
  func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

extension Plan {
  /// Key of every constant value, by its storage node.
  ///
  /// A source whose value has no identity, and what is made of it, have none.
  var weightKeys: [Int: WeightKey] {
    let isFixed = trace.isFixed
    let launches = Dictionary(uniqueKeysWithValues: setup.map { ($0.node, $0.launches) })
    var keys = [WeightKey?](repeating: nil, count: trace.nodes.count)
    for (id, node) in trace.nodes.enumerated() where isFixed[id] {
      if node.op is Source {
        keys[id] = trace.initialValues[id]?.key(node.type)
      } else {
        let inputs = node.inputs.compactMap { keys[$0] }
        guard inputs.count == node.inputs.count else { continue }
        keys[id] = .of(
          AnyHashable(trace.computation(of: id)), node.type, inputs: inputs, launches: launches[id] ?? [])
      }
    }
    var stored: [Int: WeightKey] = [:]
    for id in placements.keys { stored[id] = keys[id] }
    return stored
  }

  /// Keys of ``weightKeys`` that the plan keeps, rather than only makes others of them.
  var keptWeightKeys: Set<WeightKey> {
    Set(weightKeys.compactMap { placements[$0] == .own ? $1 : nil })
  }
}

extension InitialValue {
  /// Key of the value; nil if it is not known which others are equal.
  fileprivate func key(_ type: TensorType) -> WeightKey? {
    switch self {
    case .zeros: .of(AnyHashable(0), type)
    case .values(let values): .of(AnyHashable(values.map(\.bitPattern)), type)
    case .reader(let identity, _): identity.map { .of(AnyHashable($0), type, isRead: true) }
    }
  }
}
