import Benchmarking
import Foundation
import Support

/// The file of a chart: SVG, or by its ending PNG, which librsvg's `rsvg-convert` draws.
struct ChartFile {
  private static let program = "rsvg-convert"

  private let path: String

  /// Nil if the ending is neither .svg nor .png.
  init?(_ path: String) {
    guard [".svg", ".png"].contains(where: path.lowercased().hasSuffix) else { return nil }
    self.path = path
  }

  /// Finds out before long work whether `write` will be able to do its own.
  /// - Throws: ``FileError`` with the reason.
  func checkWritable() throws {
    if isPNG { _ = try converter() }
    try AtomicFile.checkWritable(path)
  }

  /// - Throws: ``FileError``; nothing was left behind.
  func write(_ chart: BarChart) throws {
    let svg = Data(chart.svg.utf8)
    try AtomicFile.write(isPNG ? png(svg) : svg, to: path)
  }

  private var isPNG: Bool { path.lowercased().hasSuffix(".png") }

  private func converter() throws(FileError) -> URL {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    let files = folders.map { "\($0)/\(Self.program)" }
    guard let file = files.first(where: FileManager.default.isExecutableFile) else {
      throw .unwritable(
        path: path,
        reason: "charts become PNG by \(Self.program), which is not installed (Debian's "
          + "librsvg2-bin has it); name a file that ends in .svg instead")
    }
    return URL(fileURLWithPath: file)
  }

  /// The document drawn with two pixels for each of its own.
  private func png(_ svg: Data) throws -> Data {
    let folder = try FileManager.default.url(
      for: .itemReplacementDirectory, in: .userDomainMask,
      appropriateFor: FileManager.default.temporaryDirectory, create: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let document = folder.appendingPathComponent("chart.svg")
    try svg.write(to: document)
    let process = Process()
    let output = Pipe()
    process.executableURL = try converter()
    process.arguments = ["--zoom", "2", document.path]
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw FileError.unwritable(
        path: path, reason: "\(Self.program) ended with status \(process.terminationStatus)")
    }
    return data
  }
}
