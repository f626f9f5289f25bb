import TensorGraph

/// A rule that moves a parameter against its gradient.
///
/// One file an optimizer: the rule, and the state it declares by reading it. Checkpoints hold that
/// state by name, so they need no change for a new optimizer.
public protocol Optimizer: Sendable {
  /// Name on the command line and in records.
  static var name: String { get }

  /// The optimizer with its original's default settings.
  init()

  /// The parameter after one step.
  /// - Parameters:
  ///   - parameter: value before the step, any shape.
  ///   - gradient: of the loss with respect to it, of its shape.
  ///   - state: running values of this parameter; see ``OptimizerState``.
  ///   - rate: learning rate of this step, one element.
  func update(
    _ parameter: Tensor, gradient: Tensor, state: inout OptimizerState, rate: Tensor
  ) -> Tensor
}

/// Running values that an optimizer keeps for one parameter, by name.
///
/// Reading a name declares a variable of the parameter's shape that holds zeros before the first
/// step; assigning to it gives its value after the step.
public struct OptimizerState {
  /// Number t of this step, one element; the first is 1.
  public let step: Tensor
  private let parameter: String
  private let shape: Shape
  /// Variables by their names in the program, such as `latent/first moment`.
  private(set) var variables: [(name: String, variable: Tensor, value: Tensor)] = []

  /// - Parameters:
  ///   - parameter: name of the parameter, the first part of its variables' names.
  ///   - shape: of the parameter.
  public init(of parameter: String, _ shape: Shape, step: Tensor) {
    (self.parameter, self.shape, self.step) = (parameter, shape, step)
  }

  public subscript(name: String) -> Tensor {
    mutating get { variables[index(of: name)].value }
    set { variables[index(of: name)].value = newValue }
  }

  private mutating func index(of name: String) -> Int {
    let name = "\(parameter)/\(name)"
    if let known = variables.firstIndex(where: { $0.name == name }) { return known }
    let variable = step.graph.variable(name, shape, .float32, .zeros)
    variables.append((name, variable, variable))
    return variables.count - 1
  }

  /// Updates of the variables that were assigned a value.
  package var updates: [(variable: Tensor, value: Tensor)] {
    variables.filter { $0.value.id != $0.variable.id }.map { ($0.variable, $0.value) }
  }
}

/// The optimizers by name. A new one is a file here and its entry in this list.
public enum Optimizers {
  public static let known: [any Optimizer.Type] = [
    Adam.self, AdamW.self, Adagrad.self, Adamax.self, AdamP.self, DiffGrad.self, RAdam.self,
    RMSprop.self,
  ]

  /// - Throws: ``GuidanceError/settings(_:)`` with the names there are.
  public static func named(_ name: String) throws(GuidanceError) -> any Optimizer {
    guard let type = known.first(where: { $0.name == name }) else {
      throw .settings(
        "there is no optimizer '\(name)'; choose \(known.map { $0.name }.joined(separator: ", "))")
    }
    return type.init()
  }
}
