import Execution
import Foundation

/// What a run leaves behind in `Benchmarks/results`.
struct Record: Encodable {
  struct Entry: Encodable {
    let prompt: String
    let seed: UInt64
    let loss: Double
    let settledLoss: Double
    let referenceLoss: Double
    let seconds: Double
  }

  let device: String
  let driver: String
  /// When the run began, in ISO 8601.
  let date: String
  let command: String
  /// The commit when the run began; see ``commit``.
  let version: String
  let meanLoss: Double
  let meanSettledLoss: Double
  let meanReferenceLoss: Double
  let seconds: Double
  let entries: [Entry]

  init(_ entries: [Entry], device: ComputeDevice, begun: Date, version: String) {
    self.device = device.description
    driver = [device.version, device.driver].filter { !$0.isEmpty }.joined(separator: ", ")
    date = begun.ISO8601Format()
    command = (["gallery"] + CommandLine.arguments.dropFirst()).joined(separator: " ")
    self.version = version
    meanLoss = entries.map(\.loss).mean.rounded(decimals: 4)
    meanSettledLoss = entries.map(\.settledLoss).mean.rounded(decimals: 4)
    meanReferenceLoss = entries.map(\.referenceLoss).mean.rounded(decimals: 4)
    seconds = entries.map(\.seconds).reduce(0, +).rounded(decimals: 1)
    self.entries = entries
  }

  /// The record as JSON, keys in alphabetical order.
  func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }

  /// The commit that is checked out; `-dirty` if what a picture depends on was changed since.
  static var commit: String {
    guard let commit = git("rev-parse", "--short", "HEAD"),
      let changes = git("status", "--porcelain", "--", "Sources", "Kernels", "weights")
    else { return "unknown" }
    return changes.isEmpty ? commit : "\(commit)-dirty"
  }

  /// What git prints; nil if it fails.
  private static func git(_ arguments: String...) -> String? {
    let git = Process()
    let output = Pipe()
    git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    git.arguments = ["git"] + arguments
    git.standardOutput = output
    git.standardError = FileHandle.nullDevice
    guard (try? git.run()) != nil else { return nil }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    git.waitUntilExit()
    return git.terminationStatus == 0 ? text.trimmingCharacters(in: .whitespacesAndNewlines) : nil
  }
}

extension Double {
  func rounded(decimals: Int) -> Double {
    let scale = Foundation.pow(10, Double(decimals))
    return (self * scale).rounded() / scale
  }

  /// With exactly this many digits after the point.
  func formatted(decimals: Int) -> String { String(format: "%.\(decimals)f", self) }
}
