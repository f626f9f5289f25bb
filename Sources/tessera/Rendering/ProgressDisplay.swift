import Foundation

/// Tells how far long work is: one line that is rewritten on a terminal, a line every tenth of the
/// way elsewhere.
package struct ProgressDisplay {
  package enum Style: Equatable { case none, lines, rewrittenLine }

  private let total: Int
  private let unit: String
  private let style: Style
  private let emit: (String) -> Void
  /// Steps that were done before.
  private let begin: Int
  private var lastTenth: Int
  /// Whether there is a line to clear.
  private var isShown = false
  /// When the first step was done: it is slower than the others, and would spoil the estimate.
  private var first: (step: Int, seconds: Double)?

  /// - Parameters:
  ///   - begin: how many are done already.
  ///   - unit: what is counted, in the singular.
  ///   - emit: what is called with text to show, line breaks included.
  package init(
    total: Int, from begin: Int = 0, unit: String = "step", style: Style,
    emit: @escaping (String) -> Void = { StandardError.print($0, terminator: "") }
  ) {
    self.total = total
    self.begin = begin
    lastTenth = begin * 10 / max(total, 1)
    self.unit = unit
    self.style = style
    self.emit = emit
  }

  /// The work is being prepared: `text` says how on a terminal, until there is more to tell. A file
  /// gets no line that says nothing when all is done.
  package mutating func preparing(_ text: String) {
    if style == .rewrittenLine { show(text) }
  }

  /// One of `count` random starts was tried and came to this loss.
  package mutating func tried(start: Int, of count: Int, loss: Float) {
    show("start \(start)/\(count)  loss \(loss.formatted(decimals: 4))")
  }

  private mutating func show(_ text: String) {
    switch style {
    case .none: break
    case .rewrittenLine:
      emit("\r\u{1B}[K" + text)
      isShown = true
    case .lines: emit(text + "\n")
    }
  }

  /// `step` steps were done `seconds` after the start, the last with this loss if there is one.
  package mutating func update(step: Int, loss: String? = nil, seconds: Double) {
    let text = line(step: step, loss: loss, seconds: seconds)
    if first == nil { first = (step, seconds) }
    if style == .lines {
      let tenth = step * 10 / total
      guard tenth > lastTenth else { return }
      lastTenth = tenth
    }
    show(text)
  }

  /// Clears the rewritten line, so that what follows stands alone.
  package mutating func finish() {
    if isShown { emit("\r\u{1B}[K") }
    isShown = false
  }

  private func line(step: Int, loss: String?, seconds: Double) -> String {
    let start = first ?? (begin, 0)
    let rate = Double(step - start.step) / max(seconds - start.seconds, 1e-6)
    let digits = String(total).count
    let padding = String(repeating: " ", count: digits - min(digits, String(step).count))
    let head = "\(unit) \(padding)\(step)/\(total)"
      + (loss.map { "  loss \($0)" } ?? "")
    guard rate > 0, step < total else { return head }
    return head + "  \(rate.formatted(decimals: 2)) \(unit)s/s  "
      + Self.duration(Double(total - step) / rate) + " left"
  }

  /// `8 s`, `2 min 05 s`, `3 h 07 min`.
  package static func duration(_ seconds: Double) -> String {
    let whole = Int(min(seconds.rounded(.up), 1e9))
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(two(whole % 60)) s" }
    return "\(whole / 3600) h \(two(whole / 60 % 60)) min"
  }
}

extension ProgressDisplay.Style {
  /// What suits standard error.
  static var standardError: Self { StandardError.isTerminal ? .rewrittenLine : .lines }
}

extension BinaryFloatingPoint {
  /// With exactly this many digits after the point.
  func formatted(decimals: Int) -> String { String(format: "%.\(decimals)f", Double(self)) }
}
