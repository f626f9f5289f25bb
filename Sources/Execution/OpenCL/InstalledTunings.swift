import Foundation
import Kernels
import OpenCLRuntime
import Support
import Synchronization
import TensorGraph

/// Where the tunings of a device lie: made here by `tessera tune`, or shipped in `Kernels/tuning`
/// for this device or for its architecture.
package enum InstalledTunings {
  /// File that `tessera tune` writes for a device, `$XDG_CACHE_HOME/tessera/tuning/<device>.json`;
  /// nil without a home directory.
  package static func ownFile(of device: Device) -> URL? {
    UserFolder.cache.map { URL(fileURLWithPath: "\($0)/tuning/\(names(of: device)[0]).json") }
  }

  /// What there is for this device, its own first. A file that cannot be read is passed over.
  package static func of(_ device: Device) -> [Tuning] {
    let files = [ownFile(of: device)].compactMap { $0 }
      + names(of: device).compactMap {
        KernelLibrary.root?.appendingPathComponent("tuning/\($0).json")
      }
    return read.withLock { read in
      files.compactMap { file in
        if let known = read[file] { return known }
        let tuning = try? JSONDecoder().decode(Tuning.self, from: Data(contentsOf: file))
        read[file] = .some(tuning)
        return tuning
      }
    }
  }

  private static let read = Mutex<[URL: Tuning?]>([:])

  /// Names of the device's file and of its architecture's. The name of a CPU may say little, so its
  /// family and model go with it; what it compiles for is its widest vectors.
  package static func names(of device: Device) -> [String] {
    let platform = device.platform.name
    var names = ["\(platform) \(device.name)"]
    if device.kind == .cpu {
      func fact(_ name: String) -> String { SystemFile.value(name, in: "/proc/cpuinfo") ?? "" }
      names[0] += " \(fact("cpu family")) \(fact("model"))"
      if let vectors = SystemFile.widestVectors { names.append("\(platform) \(vectors)") }
    } else if let capability = device.computeCapability {
      names.append("\(platform) sm \(capability.major)\(capability.minor)")
    }
    return names.map(fileName)
  }

  /// In lower case, words joined by hyphens.
  private static func fileName(_ text: String) -> String {
    text.lowercased().split { !$0.isASCII || !($0.isLetter || $0.isNumber) }.joined(separator: "-")
  }
}
