import Execution
import Foundation

/// Memory of this process that is really there, as Linux counts it.
enum ResidentMemory {
  /// Bytes at this moment; nil where Linux does not tell.
  static var current: Int? { bytes("VmRSS") }

  /// The most since the last ``resetPeak()``, in bytes.
  static var peak: Int? { bytes("VmHWM") }

  /// Begins to look for a new peak.
  static func resetPeak() {
    // Where it may not be reset, the peak is that of the process's whole life.
    try? Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs"))
  }

  private static func bytes(_ name: String) -> Int? {
    SystemFile.bytes(name, in: "/proc/self/status")
  }
}
