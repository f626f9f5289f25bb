/// Horizontal bars, each made of coloured segments, as SVG.
package struct BarChart {
  package struct Bar {
    package let label: String
    /// Names choose colours; values are lengths in the chart's unit.
    package let segments: [(name: String, value: Double)]

    package init(_ label: String, _ segments: [(name: String, value: Double)]) {
      self.label = label
      self.segments = segments
    }

    fileprivate var length: Double { segments.reduce(0) { $0 + $1.value } }
  }

  package let title: String
  package let unit: String
  package let bars: [Bar]

  package init(title: String, unit: String, bars: [Bar]) {
    self.title = title
    self.unit = unit
    self.bars = bars
  }

  // Distances in pixels.
  private static let margin = 16.0
  private static let barHeight = 18.0
  private static let barDistance = 26.0
  private static let barsWidth = 520.0
  private static let lettersWidth = 6.6
  /// Told apart by people who do not see all colours (Okabe and Ito, 2008).
  private static let colors = [
    "#0072b2", "#e69f00", "#009e73", "#d55e00", "#56b4e9", "#cc79a7", "#f0e442", "#999999",
  ]

  /// The chart as an SVG document.
  package var svg: String {
    let names = segmentNames
    let labelsWidth = Double(bars.map(\.label.count).max() ?? 0) * Self.lettersWidth + 8
    let left = Self.margin + labelsWidth
    let width = left + Self.barsWidth + 90
    let legend = legend(names, width: width)
    let top = (legend.last?.y ?? Self.margin) + 2 * Self.margin + 2
    let height = top + Double(bars.count) * Self.barDistance + Self.margin
    let scale = Self.barsWidth / max(bars.map(\.length).max() ?? 0, .leastNormalMagnitude)

    var lines = [
      """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(Self.number(width))" \
      height="\(Self.number(height))" font-family="sans-serif" font-size="12">
      """,
      #"<rect width="100%" height="100%" fill="white"/>"#,
      Self.text(title, x: Self.margin, y: Self.margin + 10, attributes: #" font-size="15""#),
    ]
    for (name, x, y) in legend {
      lines.append(Self.box(x: x, y: y, width: 12, height: 12, color(name, names)))
      lines.append(Self.text(name, x: x + 17, y: y + 11))
    }
    for (index, bar) in bars.enumerated() {
      let y = top + Double(index) * Self.barDistance
      lines.append(
        Self.text(bar.label, x: left - 8, y: y + 13, attributes: #" text-anchor="end""#))
      var x = left
      for segment in bar.segments {
        let length = segment.value * scale
        lines.append(
          Self.box(
            x: x, y: y, width: length, height: Self.barHeight, color(segment.name, names),
            title: "\(segment.name): \(Quantity.figures(segment.value)) \(unit)"))
        x += length
      }
      lines.append(Self.text("\(Quantity.figures(bar.length)) \(unit)", x: x + 6, y: y + 13))
    }
    return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  /// In the order in which they first occur.
  private var segmentNames: [String] {
    var names: [String] = []
    for segment in bars.flatMap(\.segments) where !names.contains(segment.name) {
      names.append(segment.name)
    }
    return names
  }

  /// Where the colours are explained: in as many rows as the width needs.
  private func legend(_ names: [String], width: Double) -> [(name: String, x: Double, y: Double)] {
    var (x, y) = (Self.margin, Self.margin + 22)
    return names.map { name in
      let end = x + 17 + Double(name.count) * Self.lettersWidth
      if end > width - Self.margin, x > Self.margin { (x, y) = (Self.margin, y + 20) }
      defer { x += 32 + Double(name.count) * Self.lettersWidth }
      return (name, x, y)
    }
  }

  private func color(_ name: String, _ names: [String]) -> String {
    Self.colors[names.firstIndex(of: name)! % Self.colors.count]
  }

  private static func box(
    x: Double, y: Double, width: Double, height: Double, _ color: String, title: String? = nil
  ) -> String {
    let place = #"x="\#(number(x))" y="\#(number(y))""#
    let size = #"width="\#(number(width))" height="\#(number(height))""#
    let note = title.map { "<title>\(escaped($0))</title>" } ?? ""
    return #"<rect \#(place) \#(size) fill="\#(color)">\#(note)</rect>"#
  }

  private static func text(
    _ text: String, x: Double, y: Double, attributes: String = ""
  ) -> String {
    #"<text x="\#(number(x))" y="\#(number(y))"\#(attributes)>\#(escaped(text))</text>"#
  }

  private static func number(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}
