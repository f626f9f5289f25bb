/// Training that cannot begin or go on.
public enum TrainingError: Error, CustomStringConvertible {
  /// Settings that do not fit each other.
  case settings(String)
  /// A run's folder that cannot be used.
  case run(String)
  /// A loss that is no number; `step` is the last whose loss was.
  case diverged(step: Int, what: String)

  public var description: String {
    switch self {
    case .settings(let text), .run(let text): text
    case .diverged(let step, let what): "after step \(step) \(what)"
    }
  }
}
