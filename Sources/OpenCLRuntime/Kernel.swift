import COpenCL

/// One argument of a kernel.
package enum KernelArgument {
  case buffer(Buffer)
  case int32(Int32)
  case uint32(UInt32)
  case float(Float)
}

/// An entry point of a program with its arguments.
///
/// Not `Sendable`: OpenCL's argument setting is not thread-safe. Arguments stay set from run to
/// run, so a loop that reuses a kernel only enqueues it.
package final class Kernel {
  let id: cl_kernel
  package let name: String
  package let program: Program
  /// Number of arguments the entry point takes.
  package let argumentCount: Int
  /// Buffers the arguments refer to: OpenCL itself keeps none alive.
  private var buffers: [Buffer?]

  /// - Throws: if `program` has no entry point of this name.
  package init(program: Program, name: String) throws(OpenCLError) {
    var status: cl_int = 0
    let kernel = clCreateKernel(program.id, name, &status)
    id = try created(
      kernel, status, "clCreateKernel", "entry point '\(name)' of program '\(program.label)'")
    self.name = name
    self.program = program
    var count: cl_uint = 0
    status = clGetKernelInfo(
      id, cl_kernel_info(CL_KERNEL_NUM_ARGS), MemoryLayout<cl_uint>.size, &count, nil)
    argumentCount = Int(count)
    buffers = Array(repeating: nil, count: Int(count))
    try check(status, "clGetKernelInfo", "number of arguments of '\(name)'")
    program.context.count(\.kernelsCreated)
  }

  deinit { clReleaseKernel(id) }

  /// Sets argument `index` for the runs enqueued from now on.
  package func setArgument(_ index: Int, _ argument: KernelArgument) throws(OpenCLError) {
    let position = cl_uint(index)
    let status: cl_int
    switch argument {
    case .buffer(let buffer): status = set(position, Optional(buffer.id))
    case .int32(let value): status = set(position, value)
    case .uint32(let value): status = set(position, value)
    case .float(let value): status = set(position, value)
    }
    try check(
      status, "clSetKernelArg",
      "argument \(index) of '\(name)' (it takes \(argumentCount)) to \(argument.words)")
    if case .buffer(let buffer) = argument {
      buffers[index] = buffer
    } else {
      buffers[index] = nil
    }
  }

  /// Sets all arguments, in order.
  package func setArguments(_ arguments: [KernelArgument]) throws(OpenCLError) {
    guard arguments.count == argumentCount else {
      throw .invalidRequest(
        "kernel '\(name)' takes \(argumentCount) arguments and was given \(arguments.count)")
    }
    for (index, argument) in arguments.enumerated() { try setArgument(index, argument) }
  }

  private func set<T>(_ index: cl_uint, _ value: T) -> cl_int {
    withUnsafePointer(to: value) { clSetKernelArg(id, index, MemoryLayout<T>.size, $0) }
  }
}

extension KernelArgument {
  fileprivate var words: String {
    switch self {
    case .buffer(let buffer): "\(buffer)"
    case .int32(let value): "int \(value)"
    case .uint32(let value): "uint \(value)"
    case .float(let value): "float \(value)"
    }
  }
}
