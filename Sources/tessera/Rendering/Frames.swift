import Foundation
import Support

/// A folder of numbered pictures, the frames of a film: `frame-00001.png` and on.
struct Frames {
  private let folder: String
  /// Steps from one frame to the next.
  private let interval: Int

  /// Makes the folder, if there is none.
  /// - Parameter goesOn: whether frames may be there, of the same render.
  /// - Throws: ``FileError`` if it cannot be made or written to, or holds frames.
  init(in folder: String, every interval: Int, goesOn: Bool) throws {
    self.folder = folder
    self.interval = interval
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw FileError.unwritable(path: folder, reason: "no folder of that name can be made")
    }
    let first = path(of: interval)
    guard goesOn || !FileManager.default.fileExists(atPath: first) else {
      throw FileError.unwritable(
        path: first, reason: "frames are there already; name another folder, or remove them")
    }
    try AtomicFile.checkWritable(first)
  }

  /// Whether the step of this number has a frame; the last step always does.
  func isDue(_ step: Int, of steps: Int) -> Bool { step % interval == 0 || step == steps }

  /// The file of the frame of a step.
  func path(of step: Int) -> String {
    let digits = String((step + interval - 1) / interval)
    let name = "frame-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits + ".png"
    return URL(fileURLWithPath: folder).appendingPathComponent(name).relativePath
  }
}
