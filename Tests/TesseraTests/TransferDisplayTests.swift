import Downloads
import Synchronization
import Testing
import tessera

@Suite struct TransferDisplayTests {
  /// What a display shows of a transfer of 10 MB/s from `start` on, ten pieces of 10 MB.
  private func shown(
    _ style: ProgressDisplay.Style, from start: Int = 0, total: Int?
  ) -> [String] {
    var texts: [String] = []
    var now = 0.0
    var display = TransferDisplay(name: "x.pt", style: style, seconds: { now }) { texts.append($0) }
    for piece in 0...10 {
      now = Double(piece)
      display.update(.receiving, received: start + piece * 10_000_000, total: total)
    }
    display.update(.verifying, received: 100_000_000, total: total)
    display.finish()
    return texts
  }

  @Test func linesForALog() {
    let lines = shown(.lines, total: 100_000_000)
    #expect(lines.count == 10)
    #expect(lines[0] == "x.pt  20.0 MB of 100.0 MB  20 %  10.0 MB/s  8 s left\n")
    #expect(lines[8] == "x.pt  100.0 MB of 100.0 MB  100 %  10.0 MB/s\n")
    #expect(lines[9] == "x.pt  100.0 MB  verifying\n")
  }

  @Test func oneLineForATerminal() {
    let texts = shown(.rewrittenLine, total: 100_000_000)
    #expect(texts.allSatisfy { $0.hasPrefix("\r\u{1B}[K") && !$0.contains("\n") })
    #expect(texts.last == "\r\u{1B}[K")
  }

  @Test func aPartAndAnUnknownEnd() {
    let lines = shown(.lines, from: 50_000_000, total: nil)
    #expect(
      lines == [
        "x.pt  going on after 50.0 MB\n", "x.pt  100.0 MB  10.0 MB/s\n",
        "x.pt  100.0 MB  verifying\n",
      ])
    #expect(shown(.none, total: nil).isEmpty)
  }
}
