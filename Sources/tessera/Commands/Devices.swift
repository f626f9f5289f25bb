import ArgumentParser
import Execution
import Support

struct Devices: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the devices there are, and which one 'auto' takes and why.")

  func run() {
    let inventory = DeviceInventory.found()
    let automatic = inventory.automatic
    for device in inventory.devices {
      print(device.listing(isAutomatic: device.id == automatic.device.id))
    }
    print("\n--device auto takes \(automatic.device.id): \(automatic.reason)")
    for failure in inventory.failures { StandardError.print("tessera: \(failure)") }
  }
}

extension ComputeDevice {
  /// Two lines: what to call the device, and what is known of it.
  fileprivate func listing(isAutomatic: Bool) -> String {
    let facts = [
      kind == .cpu || kind == .gpu ? kind.rawValue.uppercased() : kind.rawValue,
      "\(computeUnits) \(id == "cpu" ? "cores" : "compute units")",
      "\(ByteCount.text(memory))\(kind != .cpu && sharesHostMemory ? " shared with the host" : "")",
      platform, version,
      driver.isEmpty ? "" : "driver \(driver)", vendor, isUsable ? "" : "too old: needs OpenCL 1.2",
    ]
    let column = id.count < 12 ? id + String(repeating: " ", count: 12 - id.count) : id + " "
    return (isAutomatic ? "* " : "  ") + column + name + "\n"
      + String(repeating: " ", count: 14) + facts.filter { !$0.isEmpty }.joined(separator: " · ")
  }
}
