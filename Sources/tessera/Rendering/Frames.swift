import Foundation
import Support

/// A folder of numbered pictures, the frames of a film: `frame-00001.png` and on.
struct Frames {
  private let folder: String
  /// Steps from one frame to the next.
  let interval: Int

  /// Makes the folder, if there is none.
  /// - Parameter resumes: whether frames may be there, of the same render.
  /// - Throws: ``FileError`` if it cannot be made or written to, or holds frames.
  init(in folder: String, every interval: Int, resumes: Bool) throws {
    self.folder = folder
    self.interval = interval
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw FileError.unwritable(path: folder, reason: "no folder of that name can be made")
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    if !resumes, let frame = names.filter(Self.isFrame).min() {
      throw FileError.unwritable(
        path: Self.path(frame, in: folder),
        reason: "frames are there already; name another folder, or remove them")
    }
    try AtomicFile.checkWritable(path(of: interval))
  }

  /// Whether the step of this number has a frame; the last step always does.
  func isDue(_ step: Int, of steps: Int) -> Bool { step % interval == 0 || step == steps }

  /// The file of the frame of a step.
  func path(of step: Int) -> String {
    let digits = String((step + interval - 1) / interval)
    let name = "frame-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits + ".png"
    return Self.path(name, in: folder)
  }

  private static func path(_ name: String, in folder: String) -> String {
    URL(fileURLWithPath: folder).appendingPathComponent(name).relativePath
  }

  private static func isFrame(_ name: String) -> Bool {
    name.hasPrefix("frame-") && name.hasSuffix(".png")
      && name.dropFirst(6).dropLast(4).allSatisfy { ("0"..."9").contains($0) }
  }
}
