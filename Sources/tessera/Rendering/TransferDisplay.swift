import Downloads
import Foundation
import Support

/// Tells how far a download is: one line that is rewritten on a terminal, a line every tenth of the
/// way (every 100 MB where the end is not known) elsewhere.
package struct TransferDisplay {
  private let name: String
  private let style: ProgressDisplay.Style
  private let seconds: () -> Double
  private let emit: (String) -> Void
  /// Where this run began, which may be in the middle of the file.
  private var start: (seconds: Double, received: Int)?
  private var lastShown = -Double.infinity
  private var lastMark: Int?
  private var isVerifying = false

  /// - Parameters:
  ///   - seconds: a clock.
  ///   - emit: what is called with text to show, line breaks included.
  package init(
    name: String, style: ProgressDisplay.Style,
    seconds: @escaping () -> Double = { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 },
    emit: @escaping (String) -> Void = { StandardError.print($0, terminator: "") }
  ) {
    self.name = name
    self.style = style
    self.seconds = seconds
    self.emit = emit
  }

  /// `received` of `total` bytes are there.
  package mutating func update(_ stage: Download.Stage, received: Int, total: Int?) {
    if style == .none { return }
    let now = seconds()
    if stage == .verifying {
      if !isVerifying { show("\(name)  \(ByteCount.text(received))  verifying") }
      isVerifying = true
      return
    }
    guard let start else {
      start = (now, received)
      if received > 0 { show("\(name)  going on after \(ByteCount.text(received))") }
      return
    }
    let rate = Double(received - start.received) / max(now - start.seconds, 1e-3)
    if style == .rewrittenLine {
      guard now - lastShown >= 0.1 else { return }
      lastShown = now
    } else {
      let mark = total.map { $0 > 0 ? received * 10 / $0 : 10 } ?? received / 100_000_000
      defer { lastMark = mark }
      guard let lastMark, mark > lastMark else { return }
    }
    show(line(received: received, total: total, rate: rate))
  }

  /// Clears the rewritten line, so that what follows stands alone.
  package func finish() {
    if style == .rewrittenLine, start != nil || isVerifying { emit("\r\u{1B}[K") }
  }

  private func show(_ line: String) {
    emit(style == .rewrittenLine ? "\r\u{1B}[K" + line : line + "\n")
  }

  private func line(received: Int, total: Int?, rate: Double) -> String {
    let speed = "\(ByteCount.text(Int(rate)))/s"
    guard let total, total > 0 else { return "\(name)  \(ByteCount.text(received))  \(speed)" }
    let head =
      "\(name)  \(ByteCount.text(received)) of \(ByteCount.text(total))  "
      + "\(received * 100 / total) %  \(speed)"
    guard rate >= 1, received < total else { return head }
    return head + "  \(ProgressDisplay.duration(Double(total - received) / rate)) left"
  }
}

extension String {
  /// With spaces behind, or before, up to so many characters.
  func padded(to width: Int, alignRight: Bool = false) -> String {
    let spaces = String(repeating: " ", count: max(0, width - count))
    return alignRight ? spaces + self : self + spaces
  }
}
