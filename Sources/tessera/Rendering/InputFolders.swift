import Foundation
import Guidance
import Weights

/// Folders where the files of a recorded render are looked for, as records name none.
enum InputFolders {
  /// That of the record, the working folder, the starter's and the library of downloads.
  static func all(beside path: String) -> [String] {
    let starter = (try? ModelFiles.starter())?.generator
    return [folder(of: path), FileManager.default.currentDirectoryPath]
      + [starter.map(folder(of:)), WeightLibrary.installedFolder].compactMap { $0 }
  }

  private static func folder(of path: String) -> String {
    URL(fileURLWithPath: path).deletingLastPathComponent().path
  }
}
