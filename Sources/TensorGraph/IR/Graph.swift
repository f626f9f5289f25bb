/// A computation traced from tensor expressions.
///
/// Building a node checks shapes at once; equal ops on equal inputs are one node.
public final class Graph {
  package private(set) var trace = Trace()
  /// Source line of the expression being traced, where a method of ``Tensor`` has said it.
  private var site: CallSite?

  /// Storage of large tensors where kernels run; the CPU path stores fp32.
  public var precision = Precision.full

  public init() {}

  /// A graph that goes on from the nodes of `trace`.
  init(continuing trace: Trace) { self.trace = trace }

  package var nodes: [Trace.Node] { trace.nodes }

  /// The output of `op` on `inputs`.
  ///
  /// Traps when the shapes do not fit, with the text of ``TracingError``.
  public func apply(_ op: any Op, _ inputs: [Tensor] = []) -> Tensor {
    do { return try add(op, inputs) } catch { fail(error) }
  }

  /// The output of `op` on `inputs`.
  /// - Throws: ``TracingError`` when the shapes do not fit.
  package func add(_ op: any Op, _ inputs: [Tensor]) throws(TracingError) -> Tensor {
    precondition(inputs.allSatisfy { $0.graph === self }, "\(op.name): inputs of another graph")
    if !(op is Convert), inputs.contains(where: { $0.type.scalar == .uint8 }) {
      throw tracingError(
        op.name, inputs, "convert a uint8 input first, by converted(to: .float32)")
    }
    do {
      let type = try op.outputType(of: inputs.map(\.type))
      return Tensor(graph: self, id: trace.add(op, inputs.map(\.id), type))
    } catch {
      throw tracingError(op.name, inputs, error.description)
    }
  }

  /// The output of a computation, epilogue included, on `inputs` of its types.
  package func apply(_ computation: Computation, _ inputs: [Tensor]) -> Tensor {
    guard let epilogue = computation.epilogue else { return apply(computation.op, inputs) }
    let type = TensorType(computation.output.shape)
    return Tensor(
      graph: self,
      id: trace.add(computation.op, inputs.map(\.id), type, epilogue: epilogue))
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
    precondition((variable.op as? Source)?.role == .variable, "only variables change")
    precondition(variable.type == value.type, "\(variable.type) cannot become \(value.type)")
    trace.updates.append(Trace.Update(variable: variable.id, value: value.id))
  }

  /// Makes `tensor` readable as `name` after a step.
  public func output(_ name: String, _ tensor: Tensor) {
    precondition(tensor.graph === self, "output \(name): a tensor of another graph")
    precondition(!trace.outputs.contains { $0.name == name }, "two outputs are named \(name)")
    trace.outputs.append(Trace.Output(name: name, node: tensor.id))
  }

  private func source(
    _ name: String, _ role: Source.Role, _ type: TensorType, _ value: InitialValue
  ) -> Tensor {
    let count = nodes.count
    let tensor = apply(Source(name: name, role: role, type: type))
    precondition(nodes.count > count, "two tensors are named \(name)")
    trace.initialValues[tensor.id] = value
    return tensor
  }

  // MARK: - Origins

  /// The scope that is open now, outermost name first: `decoder/up.2`.
  package var openScope: String { trace.origin.scope }

  /// Names the nodes that `body` traces as a part of a model, inside the scope that is open now:
  /// `scope("decoder")` around `scope("up.2")` is `decoder/up.2`. Plans, profiles and errors show it.
  ///
  /// The nodes of a gradient have the scope of what they are the gradient of.
  public func scope<R>(
    _ name: String, file: StaticString = #fileID, line: UInt = #line, _ body: () throws -> R
  ) rethrows -> R {
    let site = CallSite(file: file, line: line)
    return try with(trace.origin.opening(name, at: site), site: nil, body)
  }

  /// Traces `body` for the expression in this line. Of nested expressions the outermost counts, and
  /// of this module's own none.
  func at<R>(_ file: StaticString, _ line: UInt, _ body: () throws -> R) rethrows -> R {
    let site = CallSite(file: file, line: line)
    if self.site != nil || site.isInTensorGraph { return try body() }
    return try with(trace.origin.at(site), site: site, body)
  }

  /// Traces `body` as part of the node `id`, whose gradient it is; at its line, or else at `site`.
  func asPart<R>(of id: Int, or site: CallSite, _ body: () throws -> R) rethrows -> R {
    var origin = nodes[id].origin
    origin.site = origin.site ?? site
    origin.isGradient = true
    return try with(origin, site: origin.site, body)
  }

  private func with<R>(_ origin: Origin, site: CallSite?, _ body: () throws -> R) rethrows -> R {
    let former = (trace.origin, self.site)
    (trace.origin, self.site) = (origin, site)
    defer { (trace.origin, self.site) = former }
    return try body()
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
