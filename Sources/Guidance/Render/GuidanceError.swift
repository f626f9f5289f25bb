/// A render that cannot be started as asked.
public enum GuidanceError: Error, CustomStringConvertible, Equatable {
  case prompt(String)
  case settings(String)
  /// A saved render that cannot be gone on with.
  case savedRender(String)
  /// No model at the places where the starter pair is looked for.
  case missingModels(String)
  /// A step that does not fit into memory.
  case memory(String)
  /// The loss or its gradient is no longer a number.
  case diverged(step: Int)

  public var description: String {
    switch self {
    case .prompt(let message), .settings(let message), .savedRender(let message),
      .missingModels(let message), .memory(let message):
      message
    case .diverged(let step):
      "the loss at step \(step), or its gradient, is not a number: try a smaller learning rate, or "
        + "another device"
    }
  }
}
