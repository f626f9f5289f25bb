import COpenCL
import Synchronization

/// What was made in a context so far. A render loop leaves it unchanged, which tests assert.
package struct RuntimeStatistics: Equatable, Sendable {
  /// Buffers allocated; sub-buffers are not counted, as they allocate nothing.
  package var buffersAllocated = 0
  /// Bytes of these buffers.
  package var bytesAllocated = 0
  /// Programs compiled from source.
  package var programsBuilt = 0
  /// Programs loaded from the cache.
  package var programsLoaded = 0
  package var kernelsCreated = 0

  package init(
    buffersAllocated: Int = 0, bytesAllocated: Int = 0, programsBuilt: Int = 0,
    programsLoaded: Int = 0, kernelsCreated: Int = 0
  ) {
    self.buffersAllocated = buffersAllocated
    self.bytesAllocated = bytesAllocated
    self.programsBuilt = programsBuilt
    self.programsLoaded = programsLoaded
    self.kernelsCreated = kernelsCreated
  }
}

/// The home of one device's buffers, programs and queues.
package final class Context: Sendable {
  nonisolated(unsafe) let id: cl_context
  package let device: Device
  private let counters = Mutex(RuntimeStatistics())

  /// - Throws: if the device is older than OpenCL 1.2 or its driver refuses.
  package init(device: Device) throws(OpenCLError) {
    guard device.conformance >= (1, 2) else {
      throw .invalidRequest(
        "\(device) speaks '\(device.version)'; Tessera needs OpenCL 1.2: choose another device")
    }
    var status: cl_int = 0
    var ids: [cl_device_id?] = [device.id]
    let context = clCreateContext(nil, 1, &ids, nil, nil, &status)
    id = try created(context, status, "clCreateContext", "a context on \(device)")
    self.device = device
  }

  deinit { clReleaseContext(id) }

  package var statistics: RuntimeStatistics { counters.withLock { $0 } }

  func count(_ counter: WritableKeyPath<RuntimeStatistics, Int> & Sendable, _ number: Int = 1) {
    counters.withLock { $0[keyPath: counter] += number }
  }
}
