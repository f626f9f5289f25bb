import Foundation

/// Curves of a run's numbers over its steps, as an SVG picture: a small chart for each.
enum LossCurve {
  private static let (width, height, margin) = (360.0, 150.0, 34.0)
  private static let columns = 2

  static func svg(_ entries: [LogEntry]) -> String {
    var series: [(name: String, points: [(step: Double, value: Double)])] = []
    for entry in entries {
      for metric in entry.metrics where metric.value.isFinite {
        let name = entry.isHeldOut ? "\(metric.name), held out" : metric.name
        let point = (Double(entry.step), Double(metric.value))
        if let index = series.firstIndex(where: { $0.name == name }) {
          series[index].points.append(point)
        } else {
          series.append((name, [point]))
        }
      }
    }
    let rows = max(1, (series.count + columns - 1) / columns)
    let size = (Double(columns) * width, Double(rows) * height)
    var text = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(number(size.0)) \(number(size.1))" \
      font-family="sans-serif" font-size="11">
      <rect width="100%" height="100%" fill="white"/>

      """
    for (index, chart) in series.enumerated() {
      let corner = (Double(index % columns) * width, Double(index / columns) * height)
      text += panel(chart.name, chart.points, at: corner)
    }
    return text + "</svg>\n"
  }

  private static func panel(
    _ name: String, _ points: [(step: Double, value: Double)], at corner: (Double, Double)
  ) -> String {
    let (low, high) = (points.map(\.value).min()!, points.map(\.value).max()!)
    let (first, last) = (points[0].step, points[points.count - 1].step)
    let inner = (width - 2 * margin, height - 2 * margin)
    func place(_ point: (step: Double, value: Double)) -> String {
      let x = corner.0 + margin + inner.0 * (point.step - first) / max(last - first, 1)
      let y = corner.1 + height - margin - inner.1 * (point.value - low) / max(high - low, 1e-12)
      return "\(number(x)),\(number(y))"
    }
    // No more points than a screen shows.
    let stride = max(1, points.count / 500)
    let shown = points.enumerated().filter { $0.offset % stride == 0 || $0.offset == points.count - 1 }
    let line = shown.map { place($0.element) }.joined(separator: " ")
    func label(_ text: String, _ x: Double, _ y: Double, _ anchor: String) -> String {
      "<text x=\"\(number(corner.0 + x))\" y=\"\(number(corner.1 + y))\" "
        + "text-anchor=\"\(anchor)\">\(text)</text>\n"
    }
    return "<polyline fill=\"none\" stroke=\"#2060a0\" points=\"\(line)\"/>\n"
      + label("\(name) \(short(points[points.count - 1].value))", margin, margin - 14, "start")
      + label(short(high), margin - 3, margin + 4, "end")
      + label(short(low), margin - 3, height - margin + 4, "end")
      + label(short(first), margin, height - margin + 16, "start")
      + label(short(last), width - margin, height - margin + 16, "end")
  }

  private static func number(_ value: Double) -> String { String(format: "%.1f", value) }

  private static func short(_ value: Double) -> String { String(format: "%.4g", value) }
}
