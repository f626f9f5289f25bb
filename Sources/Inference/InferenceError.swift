/// Work with models that cannot be done as asked; `description` is one line.
public enum InferenceError: Error, Hashable, Sendable {
  /// A folder that cannot be searched.
  case folder(path: String, reason: String)
  /// A file of codes that is none, or another model's.
  case codes(file: String, reason: String)
  /// A codebook transformer that cannot paint what was asked.
  case transformer(file: String, reason: String)
  /// A CLIP that embeds something as what is not a number.
  case embedding(model: String)
  /// A model that is not what is needed, or a picture that does not suit it.
  case model(String)
}

extension InferenceError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .folder(let path, let reason): "cannot search \(path): \(reason)"
    case .codes(let file, let reason), .transformer(let file, let reason): "\(file): \(reason)"
    case .model(let text): text
    case .embedding(let model):
      "\(model): an embedding is not a number: the weights are damaged, or not of this model"
    }
  }
}
