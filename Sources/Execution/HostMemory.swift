/// The memory of the machine.
enum HostMemory {
  /// Bytes that programs can take without swapping, as Linux estimates it; nil where it does not
  /// tell.
  static var available: Int? {
    SystemFile.bytes("MemAvailable", in: "/proc/meminfo")
  }
}
