import Support

/// A step on several devices, side by side.
package struct StepReport {
  private let title: String
  private let devices: [StepMeasurement]

  package init(_ devices: [StepMeasurement], of work: any StepWork) {
    title = work.title
    self.devices = devices
  }

  package var text: String {
    [
      title + "\n" + devices.map { "  " + $0.device.line }.joined(separator: "\n"), summary,
      shares("stage", \.stages), shares("scope", \.scopes), shares("op", \.ops),
    ].joined(separator: "\n\n")
  }

  private var header: [String] { devices.map(\.device.id) }

  private var summary: String {
    var table = Table([""] + header)
    func add(_ title: String, _ value: (StepMeasurement) -> String) {
      table.add([title] + devices.map(value))
    }
    add("step, median") { Quantity.seconds($0.medianSeconds) }
    add("step, fastest") { Quantity.seconds($0.seconds.min() ?? .nan) }
    add("GFLOP/s") { Quantity.figures(Double($0.flops) / $0.medianSeconds * 1e-9) }
    add("host, share of the step") { device in
      device.hostSeconds.map { Quantity.figures($0.median / device.medianSeconds * 100) + " %" }
        ?? "—"
    }
    add("memory, planned") { ByteCount.text($0.plannedBytes) }
    add("memory, resident peak") { $0.peakBytes.map(ByteCount.text) ?? "—" }
    add("of it before set-up") { $0.baseBytes.map(ByteCount.text) ?? "—" }
    add("set-up") { Quantity.seconds($0.setupSeconds) }
    return table.text
  }

  /// Times of groups with their share of the step and GFLOP/s, in the first device's order.
  private func shares(
    _ title: String, _ groups: KeyPath<StepMeasurement, [StepMeasurement.Share]>
  ) -> String {
    var table = Table([title] + header.flatMap { [$0, "", "GFLOP/s"] })
    var labels: [String] = []
    for group in devices.flatMap({ $0[keyPath: groups] }) where !labels.contains(group.label) {
      labels.append(group.label)
    }
    for label in labels {
      table.add(
        [label]
          + devices.flatMap { device in
            let all = device[keyPath: groups]
            guard let group = all.first(where: { $0.label == label }) else {
              return ["—", "", ""]
            }
            let total = all.reduce(0) { $0 + $1.seconds }
            return [
              Quantity.seconds(group.seconds), Quantity.percent(group.seconds / total),
              Quantity.figures(Double(group.flops) / group.seconds * 1e-9),
            ]
          })
    }
    return table.text
  }

  /// A bar of stages for each device.
  package var chart: BarChart {
    BarChart(
      title: title, unit: "s",
      bars: devices.map { device in
        BarChart.Bar(device.device.id, device.stages.map { ($0.label, $0.seconds) })
      })
  }
}

extension StepMeasurement.Share {
  /// The name, and the direction if there is one.
  fileprivate var label: String { direction.map { "\(name) \($0)" } ?? name }
}
