import Foundation
import Testing
import Training

struct PipeTests {
  let folder: TestFolder
  private var tar: String { folder.path + "/a.tar" }

  /// A tar of ten pairs.
  init() throws {
    folder = try TestFolder()
    try folder.write(Self.tar(0..<10).ended, "a.tar")
  }

  private static func tar(_ range: Range<Int>, damaged: Set<Int> = []) throws -> Tar {
    var tar = Tar()
    for number in range {
      tar.add("\(number).png", damaged.contains(number) ? damagedPNG : try png(number))
      tar.add("\(number).txt", "caption \(number)")
    }
    return tar
  }

  private func loader(_ command: String, startingAt step: Int = 0, readers: Int = 1) throws
    -> BatchLoader
  {
    try BatchLoader(
      TrainingData("pipe:" + command), size: 8, batch: 4, seed: 7, crop: .center,
      startingAt: step, readers: readers)
  }

  private func all(_ loader: BatchLoader, _ count: Int) throws -> [[Int]] {
    try (0..<count).map { _ in numbers(try loader.next()) }
  }

  @Test func commandsBeginAnew() throws {
    let expected = [[0, 1, 2, 3], [4, 5, 6, 7], [0, 1, 2, 3], [4, 5, 6, 7], [0, 1, 2, 3]]
    for readers in 1...3 {
      #expect(try all(loader("cat \(tar)", readers: readers), 5) == expected)
    }
    for step in 1...4 {
      #expect(
        try all(loader("cat \(tar)", startingAt: step, readers: 2), 5 - step)
          == Array(expected[step...]))
    }
    #expect(try loader("cat \(tar)").next().captions == (0..<4).map { "caption \($0)" })
  }

  @Test func placeholdersAreReplaced() throws {
    // Ten tars of one run each, named by their first pair.
    for start in stride(from: 0, to: 40, by: 4) {
      try folder.write(Self.tar(start..<start + 6).ended, "7-\(start).tar")
    }
    let command = "cat \(folder.path)/{seed}-{start}.tar"
    let expected = [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]
    #expect(try all(loader(command), 3) == expected)
    #expect(try all(loader(command, startingAt: 2), 1) == [expected[2]])
  }

  @Test func failuresCarryStatusAndLastLines() throws {
    let text = message {
      _ = try all(loader("head -c 5000 \(tar); echo one >&2; echo two >&2; exit 3"), 9)
    }
    #expect(text.contains("failed with status 3; its last words: one | two"))
    #expect(
      message { _ = try loader("kill -9 $$").next() }.contains("was ended by signal 9"))
    #expect(message { _ = try loader("no-such-program").next() }.contains("failed with status 127"))
    // A failure after whole batches is one, too.
    let late = try loader("cat \(tar); exit 1")
    #expect(try all(late, 2) == [[0, 1, 2, 3], [4, 5, 6, 7]])
    #expect(message { _ = try late.next() }.contains("failed with status 1"))
  }

  @Test func endsThatAreTooEarly() throws {
    try folder.write(Self.tar(0..<3).ended, "short.tar")
    #expect(
      message { _ = try loader("cat \(folder.path)/short.tar").next() }.contains(
        "ended after 3 pairs, before a batch of 4 was full"))
    #expect(message { _ = try loader("true").next() }.contains("ended after 0 pairs"))
    #expect(
      message { _ = try all(loader("head -c 540 \(tar)"), 1) }.contains("is damaged at byte 512"))
    #expect(
      message { _ = try loader("gzip -c \(tar)").next() }.contains("unpack it in the command"))
  }

  @Test func damagedPairs() throws {
    try folder.write(Self.tar(0..<8, damaged: [1, 7]).ended, "damaged.tar")
    let loader = try loader("cat \(folder.path)/damaged.tar", readers: 2)
    #expect(try all(loader, 2) == [[0, 2, 2, 3], [4, 5, 6, 4]])
    #expect(loader.skipped.map(\.name) == ["1.png", "7.png"])
  }

  @Test func pairsWithoutCaption() throws {
    var tar = Tar()
    for number in 0..<4 { tar.add("\(number).png", try png(number)) }
    tar.add("3.json", #"{"caption": "three"}"#)
    try folder.write(tar.ended, "some.tar")
    var data = try TrainingData("pipe:cat \(folder.path)/some.tar")
    #expect(data.hasCaptions && data.count == nil)
    try data.requireCaptions()
    let loader = try BatchLoader(data, size: 8, batch: 4, seed: 7, crop: .center)
    #expect(numbers(try loader.next()) == [3, 3, 3, 3])
    #expect(loader.skipped.count == 3)
  }

  @Test(.timeLimit(.minutes(1))) func stoppingEndsTheCommand() throws {
    let mark = folder.path + "/pid"
    // It ignores SIGTERM, and so does the process that it starts.
    let loader = try loader("trap '' TERM; sleep 600 & echo $! > \(mark); cat \(tar); wait")
    _ = try all(loader, 2)
    loader.stop()
    let pid = try #require(
      Int32(String(contentsOfFile: mark, encoding: .utf8).trimmingCharacters(in: .newlines)))
    for _ in 0..<100 where kill(pid, 0) == 0 && !isZombie(pid) { usleep(10_000) }
    #expect(kill(pid, 0) != 0 || isZombie(pid))
    #expect(message { _ = try loader.next() }.contains("stopped"))
  }

  private func isZombie(_ pid: Int32) -> Bool {
    let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
    return stat?.contains(") Z ") ?? true
  }

  @Test func samplesAndCaptions() throws {
    let data = try TrainingData("pipe:cat \(tar)")
    let batch = try data.sample(3, size: 4)
    #expect(numbers(batch) == [0, 1, 2])
    #expect(try data.captions(ofFirst: 2, seed: 0) == ["caption 0", "caption 1"])
    #expect(try data.captions(ofFirst: 99, seed: 0).count == 10)
  }
}
