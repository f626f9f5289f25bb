import Models
import Support
import TensorGraph

/// Weights of a model as variables of a graph, under their names in the checkpoint.
///
/// Programs that share a `VariableStore` share them, as their names in the graph are the same.
package final class TrainableWeights: ModelTensors, @unchecked Sendable {
  /// A variable of the model.
  package struct Weight {
    /// Name in the checkpoint.
    package let name: String
    package let variable: Tensor
  }

  /// Name of a weight's variable.
  let variableName: (String) -> String
  private let initial: InitialWeights
  /// Only the thread that builds the model's graph uses it.
  package private(set) var weights: [Weight] = []

  /// - Parameters:
  ///   - model: first part of the variables' names, such as `vqgan`.
  ///   - initial: values before the first step.
  package convenience init(_ model: String, initial: InitialWeights) {
    self.init(initial: initial) { "\(model)/\($0)" }
  }

  /// - Parameter variableName: the variable of the weight that the checkpoint calls so.
  package init(initial: InitialWeights, variableName: @escaping (String) -> String) {
    (self.initial, self.variableName) = (initial, variableName)
  }

  package func contains(_ name: String) -> Bool { initial.contains(name) }

  package func tensor(_ name: String, _ shape: Shape, in graph: Graph) throws -> Tensor {
    if let known = weights.first(where: { $0.name == name }) { return known.variable }
    let value = try initial.value(name, shape)
    let variable = graph.variable(variableName(name), shape, .float32, value)
    weights.append(Weight(name: name, variable: variable))
    return variable
  }

  package subscript(name: String) -> Tensor {
    guard let weight = weights.first(where: { $0.name == name }) else {
      preconditionFailure("no weight \(name)")
    }
    return weight.variable
  }
}

/// Values of a model's weights before the first step of training.
package struct InitialWeights: Sendable {
  /// Distribution that a new weight is drawn from.
  package enum Distribution: Hashable, Sendable {
    case constant(Float)
    /// Mean 0.
    case normal(deviation: Float)
    /// Between -bound and bound.
    case uniform(bound: Float)
  }

  let contains: @Sendable (String) -> Bool
  let value: @Sendable (String, Shape) throws -> InitialValue

  /// New weights, drawn by (seed, name).
  /// - Parameter contains: whether a model that may do without the weight of a name is to have it.
  package static func drawn(
    seed: UInt64, contains: @escaping @Sendable (String) -> Bool = { _ in false },
    _ distribution: @escaping @Sendable (String, Shape) -> Distribution
  ) -> InitialWeights {
    InitialWeights(contains: contains) { name, shape in
      .values(draw(distribution(name, shape), shape, seed: seed, name: name))
    }
  }

  /// Values of a function of a weight's name and shape.
  package static func computed(
    contains: @escaping @Sendable (String) -> Bool = { _ in false },
    _ values: @escaping @Sendable (String, Shape) -> [Float]
  ) -> InitialWeights {
    InitialWeights(contains: contains) { .values(values($0, $1)) }
  }

  /// The weights of a checkpoint.
  package static func read(_ weights: NamedWeights) -> InitialWeights {
    InitialWeights(contains: weights.contains) { name, shape in
      let tensor = try weights.tensor(name, shape: shape)
      let stored = HostTensor<Float>(shape: tensor.storedShape)
      try tensor.read(into: UnsafeMutableBufferPointer(start: stored.pointer, count: stored.count))
      guard tensor.isTransposed else { return .values(stored.values) }
      let (rows, columns) = (shape[0], shape[1])
      return .values((0..<stored.count).map { stored[$0 % columns * rows + $0 / columns] })
    }
  }

  /// The weights of a checkpoint, and new ones where it has none.
  package static func read(_ weights: NamedWeights, orElse new: InitialWeights) -> InitialWeights {
    let read = read(weights)
    return InitialWeights(contains: weights.contains) { name, shape in
      try weights.contains(name) ? read.value(name, shape) : new.value(name, shape)
    }
  }

  private static func draw(
    _ distribution: Distribution, _ shape: Shape, seed: UInt64, name: String
  ) -> [Float] {
    // Names are told apart by the seed, as they have more bits than a purpose.
    let key = RandomKey(
      seed: seed ^ FNV1a.hash64(name), purpose: RandomPurpose.initialWeights)
    let step = [HostTensor<Float>(shape: [1], [0])]
    let type = TensorType(shape)
    switch distribution {
    case .constant(let value): return Array(repeating: value, count: shape.elementCount)
    case .normal(let deviation):
      return RandomNormal(shape: shape, key: key).evaluate(step, type: type).values
        .map { $0 * deviation }
    case .uniform(let bound):
      return RandomUniform(shape: shape, key: key).evaluate(step, type: type).values
        .map { (2 * $0 - 1) * bound }
    }
  }
}

/// Purposes of random draws in training, which set those of one step apart.
enum RandomPurpose {
  static let initialWeights: UInt32 = 1
  static let deadCodes: UInt32 = 2
}
