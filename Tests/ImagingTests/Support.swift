import Foundation
import Imaging

/// Path of a file that Tests/Fixtures/make_images.py wrote.
func fixture(_ name: String) -> String {
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fixtures/images/\(name)").path
}

/// Runs `body` with an empty folder that is removed afterwards.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = NSTemporaryDirectory() + "imaging-\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try body(folder)
}

func names(in folder: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
}

/// A smooth picture whose samples are all different.
func ramp(width: Int, height: Int) -> Image {
  let count = width * height * Image.channelCount
  return Image(
    width: width, height: height, pixels: (0..<count).map { Float($0) / Float(count - 1) })
}
