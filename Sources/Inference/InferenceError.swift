/// Work with models that cannot be done as asked; `description` is one line.
public enum InferenceError: Error, Hashable, Sendable {
  /// A folder that cannot be searched.
  case folder(path: String, reason: String)
  /// A file of codes that is none, or another model's.
  case codes(file: String, reason: String)
}

extension InferenceError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .folder(let path, let reason): "cannot search \(path): \(reason)"
    case .codes(let file, let reason): "\(file): \(reason)"
    }
  }
}
