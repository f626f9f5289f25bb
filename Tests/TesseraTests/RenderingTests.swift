import Synchronization
import Testing
import tessera

@Suite struct PictureSizeTests {
  @Test(arguments: [
    ("128", 128, 128), ("256x192", 256, 192), ("1X32768", 1, 32768), ("+8", 8, 8),
  ])
  func parses(text: String, width: Int, height: Int) throws {
    #expect(try PictureSize(parsing: text) == PictureSize(width: width, height: height))
  }

  @Test func prints() {
    #expect("\(PictureSize(width: 64, height: 64))" == "64")
    #expect("\(PictureSize(width: 64, height: 32))" == "64x32")
  }
}

@Suite struct ProgressDisplayTests {
  /// What a display of `style` shows for 20 steps of half a second.
  private func shown(_ style: ProgressDisplay.Style) -> [String] {
    let texts = Mutex<[String]>([])
    var display = ProgressDisplay(total: 20, style: style) { text in
      texts.withLock { $0.append(text) }
    }
    for step in 1...20 { display.update(step: step, loss: "0.5000", seconds: 3 + 0.5 * Double(step)) }
    display.finish()
    return texts.withLock { $0 }
  }

  @Test func rewritesOneLineOnATerminal() {
    let texts = shown(.rewrittenLine)
    #expect(texts.count == 21)
    #expect(texts.allSatisfy { $0.hasPrefix("\r\u{1B}[K") && !$0.contains("\n") })
    #expect(texts[9] == "\r\u{1B}[Kstep 10/20  loss 0.5000  2.00 steps/s  5 s left")
    #expect(texts[4].contains("step  5/20"))
    #expect(texts[19] == "\r\u{1B}[Kstep 20/20  loss 0.5000")
    #expect(texts[20] == "\r\u{1B}[K")
  }

  /// Steps that an interrupted render had done say nothing of the speed of those to come.
  @Test func whoGoesOnIsNotPromisedTooMuch() {
    let texts = Mutex<[String]>([])
    var display = ProgressDisplay(total: 200, from: 40, style: .lines) { text in
      texts.withLock { $0.append(text) }
    }
    for step in 41...60 { display.update(step: step, seconds: 0.5 * Double(step - 40)) }
    #expect(texts.withLock { $0 } == ["step  60/200  2.00 steps/s  1 min 10 s left\n"])
  }

  @Test func aLineEveryTenthElsewhere() {
    let texts = shown(.lines)
    #expect(texts.count == 10)
    #expect(texts[0] == "step  2/20  loss 0.5000  2.00 steps/s  9 s left\n")
    #expect(texts[9] == "step 20/20  loss 0.5000\n")
  }

  @Test func nothingWhenQuiet() {
    let texts = shown(.none)
    #expect(texts.isEmpty)
  }

  @Test(arguments: [
    (0, "0 s"), (0.2, "1 s"), (59, "59 s"), (59.5, "1 min 00 s"), (125, "2 min 05 s"),
    (11_220, "3 h 07 min"),
  ])
  func durations(seconds: Double, text: String) {
    #expect(ProgressDisplay.duration(seconds) == text)
  }
}

@Suite struct PaceTests {
  /// However fast the device, it is asked about four times a second, and first after one step.
  @Test(arguments: [0.001, 0.02, 0.1, 3])
  func waitsFourTimesASecond(secondsPerStep: Double) {
    var pace = Pace()
    var waits: [Int] = []
    for step in 1...2000 where pace.isDue(step) {
      waits.append(step)
      pace.caughtUp(step, at: Double(step) * secondsPerStep)
    }
    #expect(waits.first == 1)
    let stride = max(1, Int(Pace.interval / secondsPerStep))
    #expect(zip(waits, waits.dropFirst()).allSatisfy { abs($1 - $0 - stride) <= 1 })
  }
}
