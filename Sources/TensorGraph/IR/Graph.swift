/// A computation traced from tensor expressions: nodes in an order in which inputs come first.
///
/// Building a node checks shapes at once; equal ops on equal inputs are one node.
public final class Graph {
  /// One op applied to the outputs of earlier nodes.
  package struct Node {
    package let op: any Op
    package let inputs: [Int]
    package let type: TensorType
  }

  package private(set) var nodes: [Node] = []
  /// New value of a variable, taken at the end of every step.
  package private(set) var updates: [(variable: Int, value: Int)] = []
  /// Values that the host reads after a step, by name.
  package private(set) var outputs: [(name: String, node: Int)] = []
  /// Where the data of constants and the first value of variables come from.
  package private(set) var initialValues: [Int: InitialValue] = [:]

  private struct Key: Hashable {
    let op: AnyHashable
    let inputs: [Int]
  }
  private var known: [Key: Int] = [:]

  /// How large tensors are stored where kernels run; the CPU path stores them in full.
  public var precision = Precision.full

  public init() {}

  /// The output of `op` on `inputs`, checked now.
  ///
  /// Traps, naming op, shapes and inputs, when the shapes do not fit.
  public func apply(_ op: any Op, _ inputs: [Tensor] = []) -> Tensor {
    precondition(inputs.allSatisfy { $0.graph === self }, "\(op.name): inputs of another graph")
    let key = Key(op: AnyHashable(op), inputs: inputs.map(\.id))
    if let id = known[key] { return Tensor(graph: self, id: id) }
    do {
      let type = try op.outputType(of: inputs.map(\.type))
      nodes.append(Node(op: op, inputs: key.inputs, type: type))
    } catch {
      let names = inputs.map { "\(nodes[$0.id].op.name) \($0.type)" }.joined(separator: ", ")
      fatalError("\(op.name): \(error) (inputs: \(names))")
    }
    known[key] = nodes.count - 1
    return Tensor(graph: self, id: nodes.count - 1)
  }

  /// A tensor the host writes before a step.
  public func input(_ name: String, _ shape: Shape, _ scalar: ScalarType = .float32) -> Tensor {
    source(name, .input, TensorType(shape, scalar), .zeros)
  }

  /// A tensor whose value never changes, such as a weight; what depends on constants alone is
  /// computed once, before the first step.
  public func constant(_ name: String, _ shape: Shape, _ value: InitialValue) -> Tensor {
    source(name, .constant, TensorType(shape), value)
  }

  /// Small data written out in the program.
  public func literal(_ values: [Float], _ shape: Shape) -> Tensor {
    precondition(values.count == shape.elementCount, "\(values.count) values for shape \(shape)")
    return apply(Literal(bits: values.map(\.bitPattern), shape: shape))
  }

  /// A tensor that keeps its value from step to step until ``update(_:to:)`` gives it another.
  public func variable(
    _ name: String, _ shape: Shape, _ scalar: ScalarType = .float32, _ value: InitialValue
  ) -> Tensor {
    source(name, .variable, TensorType(shape, scalar), value)
  }

  /// Gives `variable` the value of `value` when a step ends.
  public func update(_ variable: Tensor, to value: Tensor) {
    precondition([variable, value].allSatisfy { $0.graph === self }, "tensors of another graph")
    precondition((nodes[variable.id].op as? Source)?.role == .variable, "only variables change")
    precondition(variable.type == value.type, "\(variable.type) cannot become \(value.type)")
    updates.append((variable.id, value.id))
  }

  /// Makes `tensor` readable as `name` after a step.
  public func output(_ name: String, _ tensor: Tensor) {
    precondition(tensor.graph === self, "output \(name): a tensor of another graph")
    precondition(!outputs.contains { $0.name == name }, "two outputs are named \(name)")
    outputs.append((name, tensor.id))
  }

  private func source(
    _ name: String, _ role: Source.Role, _ type: TensorType, _ value: InitialValue
  ) -> Tensor {
    let count = nodes.count
    let tensor = apply(Source(name: name, role: role, type: type))
    precondition(nodes.count > count, "two tensors are named \(name)")
    initialValues[tensor.id] = value
    return tensor
  }
}

/// Where the first value of a source comes from.
public enum InitialValue: Sendable {
  case zeros
  case values([Float])
  /// Called once, when the value is uploaded, with room for every element.
  case reader(@Sendable (UnsafeMutableBufferPointer<Float>) throws -> Void)

  /// Fills `buffer` with the value.
  package func read(into buffer: UnsafeMutableBufferPointer<Float>) throws {
    switch self {
    case .zeros: buffer.update(repeating: 0)
    case .values(let values):
      precondition(values.count == buffer.count, "\(values.count) values for \(buffer.count)")
      _ = buffer.update(fromContentsOf: values)
    case .reader(let read): try read(buffer)
    }
  }
}

/// A handle on a node's output.
public struct Tensor {
  public let graph: Graph
  package let id: Int

  package init(graph: Graph, id: Int) {
    self.graph = graph
    self.id = id
  }

  public var type: TensorType { graph.nodes[id].type }
  public var shape: Shape { type.shape }
  package var op: any Op { graph.nodes[id].op }
}
