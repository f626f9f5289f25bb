import OpenCLRuntime
import Testing

struct KernelTests {
  static let source = """
    kernel void add(global const float *a, global const float *b, global float *sum) {
      int i = get_global_id(0);
      sum[i] = a[i] + b[i];
    }

    kernel void scalars(global float *out, int i, uint u, float f) {
      local float scratch[2];
      size_t place = get_global_id(0) + 4 * (get_global_id(1) + 2 * get_global_id(2));
      scratch[get_local_id(0)] = f;
      barrier(CLK_LOCAL_MEM_FENCE);
      out[place] = 1000.0f * i + u + scratch[get_local_size(0) - 1 - get_local_id(0)] + place;
    }
    """

  static func program(_ context: Context) throws -> Program {
    try Program(source: source, label: "kernel tests", context: context, cache: nil)
  }

  @Test(arguments: everyDevice)
  func `Vectors add`(device: Device) throws {
    let context = try Context(device: device)
    let queue = try Queue(context: context)
    let add = try Kernel(program: Self.program(context), name: "add")
    let count = 1000
    let buffers = try (0..<3).map { _ in try Buffer(context: context, byteCount: 4 * count) }
    try queue.write((0..<count).map(Float.init), to: buffers[0])
    try queue.write((0..<count).map { Float($0 * $0) }, to: buffers[1])
    try add.setArguments(buffers.map(KernelArgument.buffer))
    try queue.enqueue(add, global: WorkSize(count))
    let expected = (0..<count).map { Float($0 + $0 * $0) }
    #expect(try queue.read(buffers[2], count: count, of: Float(0)) == expected)
  }

  @Test(arguments: everyDevice)
  func `Arguments of each kind arrive, in three dimensions`(device: Device) throws {
    let context = try Context(device: device)
    let queue = try Queue(context: context)
    let kernel = try Kernel(program: Self.program(context), name: "scalars")
    let out = try Buffer(context: context, byteCount: 4 * 24)
    try kernel.setArguments([.buffer(out), .int32(-3), .uint32(200), .float(0.5)])
    try queue.enqueue(kernel, global: WorkSize(4, 2, 3), local: WorkSize(2, 1, 1))
    let expected = (0..<24).map { Float($0) - 2799.5 }
    #expect(try queue.read(out, count: 24, of: Float(0)) == expected)
  }

  @Test(arguments: everyDevice)
  func `A kernel keeps its buffers alive`(device: Device) throws {
    let context = try Context(device: device)
    let queue = try Queue(context: context)
    let add = try Kernel(program: Self.program(context), name: "add")
    let sum = try Buffer(context: context, byteCount: 64)
    weak var input: Buffer?
    do {
      let ones = try Buffer(context: context, byteCount: 64)
      try queue.fill(ones, with: Float(1))
      try add.setArguments([.buffer(ones), .buffer(ones), .buffer(sum)])
      input = ones
    }
    #expect(input != nil)
    try queue.enqueue(add, global: WorkSize(16))
    #expect(try queue.read(sum, count: 16, of: Float(0)) == Array(repeating: 2, count: 16))
    try add.setArgument(0, .buffer(sum))
    try add.setArgument(1, .buffer(sum))
    #expect(input == nil)
  }

  @Test(arguments: everyDevice)
  func `A loop over ready kernels makes nothing new`(device: Device) throws {
    let context = try Context(device: device)
    let queue = try Queue(context: context)
    let add = try Kernel(program: Self.program(context), name: "add")
    let buffer = try Buffer(context: context, byteCount: 64)
    try queue.fill(buffer, with: Float(1))
    try add.setArguments(Array(repeating: .buffer(buffer), count: 3))
    let before = context.statistics
    #expect(
      before
        == RuntimeStatistics(
          buffersAllocated: 1, bytesAllocated: 64, programsBuilt: 1, programsLoaded: 0,
          kernelsCreated: 1))
    for _ in 0..<4 { try queue.enqueue(add, global: WorkSize(16)) }
    try queue.finish()
    #expect(context.statistics == before)
    #expect(try queue.read(buffer, count: 1, of: Float(0)) == [16])
  }

  @Test(arguments: everyDevice)
  func `Events of a profiling queue carry times`(device: Device) throws {
    let context = try Context(device: device)
    let add = try Kernel(program: Self.program(context), name: "add")
    let buffer = try Buffer(context: context, byteCount: 1 << 16)
    try add.setArguments(Array(repeating: .buffer(buffer), count: 3))
    let queue = try Queue(context: context, profiling: true)
    try queue.fill(buffer, with: Float(1))
    let times = try queue.enqueueWithEvent(add, global: WorkSize(1 << 14)).times()
    #expect(times.queued <= times.submitted && times.submitted <= times.started)
    #expect(times.started <= times.ended && times.duration >= 0 && times.duration < 60)
    if device.platform.name == "Oclgrind" { return }  // it times every queue
    let plain = try Queue(context: context)
    let event = try plain.enqueueWithEvent(add, global: WorkSize(1 << 14))
    #expect(failure { _ = try event.times() }.contains("CL_PROFILING_INFO_NOT_AVAILABLE"))
  }

  @Test(arguments: everyDevice)
  func `Wrong names, arguments and sizes are named`(device: Device) throws {
    let context = try Context(device: device)
    let queue = try Queue(context: context)
    let program = try Self.program(context)
    #expect(
      failure { _ = try Kernel(program: program, name: "adds") }
        == "clCreateKernel failed with CL_INVALID_KERNEL_NAME (-46): entry point 'adds' of program "
        + "'kernel tests'")
    let add = try Kernel(program: program, name: "add")
    let buffer = try Buffer(context: context, byteCount: 64)
    #expect(
      failure { try add.setArguments([.buffer(buffer)]) }
        == "kernel 'add' takes 3 arguments and was given 1")
    #expect(
      failure { try add.setArgument(3, .float(1)) }.contains(
        "CL_INVALID_ARG_INDEX (-49): argument 3 of 'add' (it takes 3) to float 1.0"))
    #expect(
      failure { try add.setArgument(0, .int32(1)) }.contains("argument 0 of 'add' (it takes 3)"))
    try add.setArguments(Array(repeating: .buffer(buffer), count: 3))
    let size = device.maxWorkGroupSize * 2
    #expect(
      failure { try queue.enqueue(add, global: WorkSize(size), local: WorkSize(size)) }
        .hasSuffix("kernel 'add', global [\(size)], local [\(size)]"))
  }
}
