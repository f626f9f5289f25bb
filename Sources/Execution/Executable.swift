import Support
import TensorGraph

/// A compiled graph on one device: fed by name, stepped any number of times, read by name.
///
/// Nothing is allocated or compiled after ``ComputeDevice/compile(_:)`` has returned it.
public protocol Executable: AnyObject {
  /// What runs, in which order, in what memory.
  var plan: Plan { get }

  /// Gives an input or a variable a new value, row-major, converted to its type.
  ///
  /// An input is written without waiting for steps that are queued, which see the value before.
  /// - Throws: ``ExecutionError`` if there is none of this name or the count is not its.
  func write(_ name: String, _ values: [Float]) throws

  /// The same, of integers: an int32 input takes them as they are.
  func write(_ name: String, integers: [Int32]) throws

  /// The same, of bytes, such as a picture's: a uint8 input takes them as they are.
  func write(_ name: String, bytes: [UInt8]) throws

  /// Runs one step: every output anew, then the variables' updates. Returns when the step is
  /// queued; errors of the device may surface later, at the latest in ``read(_:)``.
  func step() throws

  /// Runs one step and tells how long each of its parts took; returns when it is done.
  ///
  /// Times are the device's own where it has a clock. What this needs is made for the call, so that
  /// ``step()`` stays as fast as it is.
  func profile() throws -> StepProfile

  /// Waits for all steps, once, and returns outputs, inputs or variables, row-major; integers as
  /// floats.
  func read(_ names: [String]) throws -> [[Float]]

  /// Waits for all steps.
  func finish() throws
}

extension Executable {
  /// Waits for all steps and returns an output, an input or a variable, row-major; integers as
  /// floats.
  public func read(_ name: String) throws -> [Float] { try read([name])[0] }
}

/// Misuse of an executable, or a graph that its device cannot run.
public enum ExecutionError: Error, CustomStringConvertible, Equatable {
  case unknownTensor(name: String, known: [String])
  case wrongCount(name: String, expected: TensorType, given: Int)
  /// A state that is not one of the program's: names of variables, and sentences about shapes.
  case wrongState(missing: [String], unknown: [String], shapes: [String])
  /// Not even the smallest plan that was found fits into memory.
  case outOfMemory(device: String, needed: Int, available: Int)
  /// An arena or tensor is larger than what the device allocates at once.
  case allocationTooLarge(device: String, needed: Int, limit: Int)
  /// The device has less memory free than what was planned.
  case allocationFailed(device: String, needed: Int)
  case tensorTooLarge(name: String, type: TensorType)
  case unknownDevice(name: String, known: [String])
  case ambiguousDevice(name: String, matches: [String])

  /// Bytes of memory that there are too few, or that one allocation has too many; else 0.
  public var shortage: Int {
    switch self {
    case .outOfMemory(_, let needed, let available): needed - available
    case .allocationTooLarge(_, let needed, let limit): needed - limit
    default: 0
    }
  }

  public var description: String {
    switch self {
    case .unknownTensor(let name, let known):
      "the program has no tensor named '\(name)'; it has \(known.sorted().joined(separator: ", "))"
    case .wrongCount(let name, let type, let given):
      "'\(name)' is \(type) with \(type.elementCount) values, was given \(given)"
    case .wrongState(let missing, let unknown, let shapes):
      "the state does not fit the program: "
        + (missing.map { "'\($0)' is missing" } + unknown.map { "'\($0)' is unknown" } + shapes)
        .joined(separator: ", ")
    case .tensorTooLarge(let name, let type):
      "\(name) would be \(type), more elements than kernels number in 32 bits: choose a "
        + "smaller picture, or fewer cutouts at once"
    case .outOfMemory(let device, let needed, let available):
      "this needs \(ByteCount.text(needed)) of memory, and of \(device) it may take "
        + "\(ByteCount.text(available))"
    case .allocationTooLarge(let device, let needed, let limit):
      "this needs \(ByteCount.text(needed)) in one piece, and \(device) allocates at most "
        + "\(ByteCount.text(limit)) at once"
    case .allocationFailed(let device, let needed):
      "\(device) could not allocate the \(ByteCount.text(needed)) that this needs: other programs "
        + "may hold some of its memory. Less is planned with a limit (--memory)"
    case .unknownDevice(let name, let known):
      "there is no device '\(name)'; choose one of: \(known.joined(separator: ", "))"
    case .ambiguousDevice(let name, let matches):
      "'\(name)' fits more than one device; choose one of: \(matches.joined(separator: ", "))"
    }
  }
}

extension Plan {
  /// Checks, before anything is allocated, that the plan fits into `available` bytes of `device`.
  func requireMemory(_ available: Int, of device: String) throws(ExecutionError) {
    guard totalBytes <= available else {
      throw .outOfMemory(device: device, needed: totalBytes, available: available)
    }
  }

  /// Checks that 32 bits number the elements of every tensor, as they do in kernels, and that the
  /// counts that kernels are told fit too.
  func requireIndexable() throws(ExecutionError) {
    for node in trace.nodes where node.type.elementCount > Int(UInt32.max) {
      throw .tensorTooLarge(name: node.op.name, type: node.type)
    }
    for step in setup + loop {
      for case .int(let value) in step.launches.flatMap(\.arguments)
      where Int32(exactly: value) == nil {
        let node = trace.nodes[step.node]
        throw .tensorTooLarge(name: node.op.name, type: node.type)
      }
    }
  }
}
