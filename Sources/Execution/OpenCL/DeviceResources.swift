import OpenCLRuntime
import Synchronization

/// Context, kernels and resident weights that the programs of a process share on an OpenCL device.
package final class DeviceResources: Sendable {
  package let context: Context
  let compiler: KernelCompiler
  package let weights = WeightStore<Buffer>()

  private init(_ device: Device) throws(OpenCLError) {
    context = try Context(device: device)
    compiler = KernelCompiler(context: context)
  }

  private static let all = Mutex<[Device: DeviceResources]>([:])

  /// Resources of `device`, which live as long as the process.
  package static func of(_ device: Device) throws(OpenCLError) -> DeviceResources {
    if let known = all.withLock({ $0[device] }) { return known }
    let new = try DeviceResources(device)
    return all.withLock { all in
      let resources = all[device] ?? new
      all[device] = resources
      return resources
    }
  }
}
