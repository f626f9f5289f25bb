/// A render that cannot be started or resumed as asked.
public enum GuidanceError: Error, CustomStringConvertible, Equatable {
  case prompt(String)
  case settings(String)
  /// A saved render that cannot be resumed.
  case savedRender(String)
  /// A picture without a record that can be read.
  case record(String)
  /// Files of a recorded render that are missing or changed.
  case inputs(String)
  /// No model at the places where the starter pair is looked for.
  case missingModels(String)
  /// A step that does not fit into memory.
  case memory(String)
  /// The loss or its gradient is no longer a number.
  case diverged(step: Int)

  public var description: String {
    switch self {
    case .prompt(let message), .settings(let message), .savedRender(let message),
      .record(let message), .inputs(let message), .missingModels(let message), .memory(let message):
      message
    case .diverged(let step):
      "the loss at step \(step), or its gradient, is not a number: try a smaller learning rate, or "
        + "another device"
    }
  }
}
