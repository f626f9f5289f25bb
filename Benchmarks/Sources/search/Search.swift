import ArgumentParser
import Foundation
import Imaging

/// Times `tessera clip search` on a folder of generated pictures: the first search, which embeds
/// them, and later ones, which only read what is kept.
@main
struct Search: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Time a first and a second search of a folder of generated pictures.",
    discussion: "Run from the repository's root, with the program built.")

  @Option(help: "Pictures to make.")
  var count = 2000

  @Option(help: "Side of the pictures, in pixels.")
  var side = 256

  @Option(help: "The device, as 'tessera clip search' takes it.")
  var device = "cpu"

  @Option(help: "Searches after the first; the median counts.")
  var repetitions = 5

  func run() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("search-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let pictures = folder.appendingPathComponent("pictures").path
    try FileManager.default.createDirectory(atPath: pictures, withIntermediateDirectories: true)
    for number in 0..<count {
      try PNG.write(Self.picture(number, side: side), to: "\(pictures)/\(number).png")
    }
    let first = try seconds(pictures, cache: folder.path)
    let later = try (0..<repetitions).map { _ in
      try seconds(pictures, cache: folder.path)
    }.sorted()
    let text = String(
      format: "%d pictures of %d×%d on %@: first search %.1f s, second %.3f s (%.3f to %.3f)",
      count, side, side, device, first, later[later.count / 2], later[0], later[later.count - 1])
    print(text)
  }

  /// Seconds that one search takes, from start to end of the process.
  private func seconds(_ pictures: String, cache: String) throws -> Double {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: ".build/release/tessera")
    process.arguments = [
      "clip", "search", pictures, "a red star on blue", "--quiet", "--device", device,
    ]
    process.environment = ProcessInfo.processInfo.environment.merging(["XDG_CACHE_HOME": cache]) {
      $1
    }
    process.standardOutput = FileHandle.nullDevice
    let start = ContinuousClock.now
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw ExitCode(process.terminationStatus) }
    return (ContinuousClock.now - start) / .seconds(1)
  }

  /// Waves whose colours and directions the number decides.
  private static func picture(_ number: Int, side: Int) -> Image {
    let phases = (0..<9).map { Float((number * (2 * $0 + 3) * 37) % 199) / 31 }
    var pixels: [Float] = []
    pixels.reserveCapacity(side * side * 3)
    for y in 0..<side {
      for x in 0..<side {
        let (u, v) = (Float(x) / Float(side), Float(y) / Float(side))
        for channel in 0..<3 {
          let phase = phases[3 * channel..<3 * channel + 3]
          let angle = phase[3 * channel] * u + phase[3 * channel + 1] * v + phase[3 * channel + 2]
          pixels.append(0.5 + 0.5 * sin(angle))
        }
      }
    }
    return Image(width: side, height: side, pixels: pixels)
  }
}
