/// First value of a source.
public enum InitialValue: Sendable {
  case zeros
  case values([Float])
  /// Called when the value is uploaded, with room for every element.
  ///
  /// `identity` is equal for readers of equal values, which programs then share. Nil shares nothing.
  case reader(
    identity: (any Hashable & Sendable)? = nil,
    @Sendable (UnsafeMutableBufferPointer<Float>) throws -> Void)

  /// Fills `buffer` with the value.
  package func read(into buffer: UnsafeMutableBufferPointer<Float>) throws {
    switch self {
    case .zeros: buffer.update(repeating: 0)
    case .values(let values):
      precondition(values.count == buffer.count, "\(values.count) values for \(buffer.count)")
      _ = buffer.update(fromContentsOf: values)
    case .reader(_, let read): try read(buffer)
    }
  }
}
