/// The distinct ops of the reference step on several devices, side by side.
package struct KernelReport {
  private let devices: [KernelMeasurement]
  private let limit: Int
  /// Bars in a chart, at most.
  private static let chartLimit = 16

  /// - Parameter limit: the most rows to show.
  package init(_ devices: [KernelMeasurement], limit: Int) {
    self.devices = devices
    self.limit = limit
  }

  /// What tells rows of several devices apart, and joins them.
  private struct Key: Hashable {
    let op: String
    let shapes: String
    /// Among those of a device that look alike.
    let number: Int
  }

  /// The rows of each device, and all keys with the most to gain first.
  private var rows: (keys: [Key], of: [[Key: KernelMeasurement.Row]]) {
    let of = devices.map { device in
      var result: [Key: KernelMeasurement.Row] = [:]
      for row in device.kernels {
        var number = 0
        while result[Key(op: row.op, shapes: row.shapes, number: number)] != nil { number += 1 }
        result[Key(op: row.op, shapes: row.shapes, number: number)] = row
      }
      return result
    }
    func lost(_ key: Key) -> Double { of.compactMap { $0[key]?.lost }.max() ?? 0 }
    let keys = Set(of.flatMap(\.keys)).sorted {
      (lost($0), $1.op, $1.shapes, $1.number) > (lost($1), $0.op, $0.shapes, $0.number)
    }
    return (keys, of)
  }

  package var text: String {
    let heads = devices.map { device in
      "  \(device.device.line): peaks \(Quantity.figures(device.peaks.gigaflops)) GFLOP/s, "
        + "\(Quantity.figures(device.peaks.bandwidth)) GB/s"
    }
    let (keys, of) = rows
    var table = Table(
      ["op", "×"] + devices.flatMap { [$0.device.id, "GFLOP/s", "GB/s", "of peak"] } + ["shapes"],
      leftColumns: [0, 2 + 4 * devices.count])
    for key in keys.prefix(limit) {
      let count = of.compactMap { $0[key]?.count }.max() ?? 0
      table.add(
        [key.op, "\(count)"] + of.flatMap { Self.cells($0[key]) } + [key.shapes])
    }
    let rest = keys.count - limit
    return (["What a step would gain most from, first"] + heads).joined(separator: "\n") + "\n\n"
      + table.text + (rest > 0 ? "\n… and \(rest) more" : "")
  }

  private static func cells(_ row: KernelMeasurement.Row?) -> [String] {
    guard let row else { return ["—", "", "", ""] }
    return [
      Quantity.seconds(row.seconds), Quantity.figures(Double(row.flops) / row.seconds * 1e-9),
      Quantity.figures(Double(row.bytes) / row.seconds * 1e-9), Quantity.percent(row.share),
    ]
  }

  /// Shares of the peak, a bar for each op and device.
  package var chart: BarChart {
    let (keys, of) = rows
    let bars = keys.prefix(min(limit, Self.chartLimit)).flatMap { key in
      zip(devices, of).compactMap { device, rows in
        rows[key].map { row in
          BarChart.Bar("\(key.op) \(key.shapes)", [(device.device.id, 100 * row.share)])
        }
      }
    }
    return BarChart(title: "Share of the device's peak", unit: "%", bars: bars)
  }
}
