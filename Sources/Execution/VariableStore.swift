import OpenCLRuntime
import TensorGraph

/// Variables that several programs of one device share: those of equal name and type are one tensor.
///
/// ```swift
/// let variables = VariableStore()
/// let training = try device.compile(device.plan(step), variables: variables)
/// let evaluation = try device.compile(device.plan(loss), variables: variables)
/// ```
///
/// The first program gives a variable its initial value. Steps of all programs run in the order in
/// which they were queued, so each sees what those before it left. A variable lives as long as the
/// store or a program that has it.
public final class VariableStore {
  struct Key: Hashable {
    let name: String
    let type: TensorType
  }

  /// On an OpenCL device.
  var buffers: [Key: Buffer] = [:]
  /// On the CPU path.
  var tensors: [Key: HostTensor<Float>] = [:]
  private var sharedQueue: Queue?

  public init() {}

  /// Queue of all programs that share these variables.
  func queue(_ context: Context) throws -> Queue {
    precondition(tensors.isEmpty, "variables of the CPU path are not those of a device")
    let queue = try sharedQueue ?? Queue(context: context)
    precondition(queue.context === context, "variables of another device")
    sharedQueue = queue
    return queue
  }
}

extension Plan {
  /// Key of every variable in a store, by node.
  var variableKeys: [Int: VariableStore.Key] {
    var keys: [Int: VariableStore.Key] = [:]
    for (id, node) in trace.nodes.enumerated() {
      guard let source = node.op as? Source, source.role == .variable else { continue }
      keys[id] = VariableStore.Key(name: source.label, type: node.type)
    }
    return keys
  }
}
