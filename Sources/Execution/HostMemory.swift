import Foundation

/// The memory of the machine.
enum HostMemory {
  /// Bytes that programs can take without swapping, as Linux estimates it; nil where it does not
  /// tell.
  static var available: Int? {
    guard let text = try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8) else {
      return nil
    }
    let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
    let words = line?.split(separator: " ") ?? []
    return words.count == 3 ? Int(words[1]).map { $0 << 10 } : nil
  }
}
