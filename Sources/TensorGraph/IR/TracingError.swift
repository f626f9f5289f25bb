/// Operands that do not fit an op, with where in the model they meet.
///
/// A wrong shape in model code is a programming error: ``Graph`` traps with this text.
package struct TracingError: Error, CustomStringConvertible {
  package let description: String
  package let site: CallSite?
}

extension Graph {
  /// The error for `problem` with operands of the op `name`, in the scope that is open now:
  ///
  ///     conv2d: weight [3,3,64,128] has 64 input channels, x [1,16,16,32] has 32
  ///       in decoder/up.2/block.0, at Models/ResidualBlock.swift:34
  ///       input 0: add [1,16,16,32] of decoder/mid, Models/ResidualBlock.swift:12
  ///       input 1: permute [3,3,64,128] of weight vqgan.ckpt:decoder.up.2.block.0.conv1.weight
  func tracingError(_ name: String, _ inputs: [Tensor], _ problem: String) -> TracingError {
    let site = trace.origin.site
    var lines = ["\(name): \(problem)"]
    let place = [
      trace.origin.scope.isEmpty ? nil : "in \(trace.origin.scope)", site.map { "at \($0)" },
    ].compactMap { $0 }
    if !place.isEmpty { lines.append("  " + place.joined(separator: ", ")) }
    for (index, input) in inputs.enumerated() {
      lines.append("  input \(index): " + summary(of: input.id))
    }
    return TracingError(description: lines.joined(separator: "\n"), site: site)
  }

  /// Op, type and origin of a node: the name of the weight that it is made of, else its scope.
  private func summary(of id: Int) -> String {
    let node = nodes[id]
    if let source = node.op as? Source {
      return "\(source.role == .constant ? "weight" : source.role.rawValue) \(source.name) \(node.type)"
    }
    var text = "\(node.op.name) \(node.type)"
    if let weight = weight(behind: id) { return text + " of weight \(weight)" }
    let place = [node.origin.scope, node.origin.site?.description ?? ""].filter { !$0.isEmpty }
    if !place.isEmpty { text += " of " + place.joined(separator: ", ") }
    return text
  }

  /// Name of the constant that a node is a movement of.
  private func weight(behind id: Int) -> String? {
    var node = nodes[id]
    while node.op is any MovementOp { node = nodes[node.inputs[0]] }
    return (node.op as? Source).flatMap { $0.role == .constant ? $0.name : nil }
  }

  /// Traps with the error, at its line.
  func fail(_ error: TracingError) -> Never {
    guard let site = error.site else { fatalError(error.description) }
    fatalError(error.description, file: site.file, line: site.line)
  }

  /// Traps unless `condition` holds for operands of `name`.
  func check(
    _ condition: Bool, _ name: String, _ inputs: [Tensor], _ problem: @autoclosure () -> String
  ) {
    if !condition { fail(tracingError(name, inputs, problem())) }
  }
}
