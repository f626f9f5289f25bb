/// A model file that is not what it should be.
public enum ModelError: Error, CustomStringConvertible, Equatable {
  /// The configuration beside a checkpoint is missing, malformed or describes something else.
  case configuration(file: String, problem: String)
  /// The checkpoint holds another architecture than the models here.
  case architecture(file: String, problem: String)

  public var description: String {
    switch self {
    case .configuration(let file, let problem), .architecture(let file, let problem):
      "\(file): \(problem)"
    }
  }
}
