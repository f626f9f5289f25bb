import Foundation
import OpenCLRuntime

/// The devices of a machine, and which of them to take.
public struct DeviceInventory: Sendable {
  /// The CPU path, then the OpenCL devices in the drivers' order.
  public let devices: [ComputeDevice]

  /// What went wrong in OpenCL drivers, a line each.
  public let failures: [String]

  package init(devices: [ComputeDevice], failures: [String] = []) {
    self.devices = devices
    self.failures = failures
  }

  /// Asks every OpenCL driver; one that fails hides neither the others nor the CPU path.
  public static func found() -> DeviceInventory {
    var devices: [Device] = []
    var failures: [String] = []
    do throws(OpenCLError) {
      for platform in try Platform.all() {
        do throws(OpenCLError) {
          devices += try platform.devices()
        } catch {
          failures.append("\(error)")
        }
      }
    } catch {
      failures.append("\(error)")
    }
    return DeviceInventory(
      devices: [.cpu] + devices.enumerated().map { ComputeDevice($1, index: $0) },
      failures: failures)
  }

  /// The GPU to prefer: one with memory of its own over one that shares the host's, then the one
  /// with the most memory, then the first.
  private var bestGPU: ComputeDevice? {
    func rank(_ device: ComputeDevice) -> (Int, Int) {
      (device.sharesHostMemory ? 0 : 1, device.memory)
    }
    return gpus.max { rank($0) < rank($1) }
  }

  private var gpus: [ComputeDevice] { devices.filter { $0.kind == .gpu && $0.isUsable } }

  /// What `auto` stands for, and why.
  ///
  /// OpenCL on a CPU is never it: it uses the same cores as the CPU path, but needs a driver and
  /// time to compile the kernels.
  public var automatic: (device: ComputeDevice, reason: String) {
    guard let gpu = bestGPU else {
      return (
        devices[0],
        "no OpenCL driver offers a GPU; the CPU path works the same cores as an OpenCL CPU device, "
          + "without a driver or kernels to compile"
      )
    }
    let isAlone = gpus.count == 1
    let most = "of the GPUs it has the most memory"
    return (gpu, isAlone ? "it is the GPU" : gpu.sharesHostMemory ? most : most + " of its own")
  }

  /// The device that `text` stands for, in any case: `auto`; `cpu`; `gpu`, the best of them;
  /// `opencl:N`, or `N` alone; or a part of the name, platform, vendor or version of one OpenCL device.
  ///
  /// - Throws: ``ExecutionError/unknownDevice(name:known:)`` with what there is, or
  ///   ``ExecutionError/ambiguousDevice(name:matches:)`` with what `text` fits.
  public func named(_ text: String) throws(ExecutionError) -> ComputeDevice {
    let wanted = text.trimmingCharacters(in: .whitespaces).lowercased()
    if wanted == "auto" { return automatic.device }
    if wanted == "gpu", let gpu = bestGPU { return gpu }
    if let device = devices.first(where: { $0.id == wanted }) { return device }
    if let number = UInt32(wanted), let device = devices.first(where: { $0.id == "opencl:\(number)" }) {
      return device
    }
    let isID = wanted.isEmpty || wanted == "gpu" || wanted.hasPrefix("opencl:")
      || UInt32(wanted) != nil
    let matches =
      isID
      ? []
      : devices.dropFirst().filter { device in
        [device.name, device.platform, device.vendor, device.version].contains {
          $0.lowercased().contains(wanted)
        }
      }
    switch matches.count {
    case 1: return matches[0]
    case 0: throw .unknownDevice(name: text, known: devices.map(\.description))
    default: throw .ambiguousDevice(name: text, matches: matches.map(\.description))
    }
  }
}
