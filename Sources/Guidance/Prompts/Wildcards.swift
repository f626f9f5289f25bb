import Foundation
import Support

/// Folders of wildcard files: `animal.txt` has a line for each text that `__animal__` stands for.
public struct Wildcards: Sendable {
  /// Folders, of which the first that has a file of the name counts.
  public var folders: [String]

  public init(folders: [String]) { self.folders = folders }

  /// `wildcards` in the working folder, and in the user's folder of data.
  public static var standard: Wildcards {
    Wildcards(folders: ["wildcards"] + [UserFolder.data].compactMap { $0.map { $0 + "/wildcards" } })
  }

  /// Lines of the file of a name, and its path. A `*` in the name stands for any characters: of all
  /// the files that fit.
  func lines(of name: String) throws(GuidanceError) -> (lines: [String], files: [String]) {
    guard !name.hasPrefix("/"), !name.split(separator: "/").contains("..") else {
      throw .prompt("the wildcard '__\(name)__' leads out of the folders of wildcards")
    }
    for folder in folders {
      let files = Self.files(folder + "/" + name + ".txt")
      guard !files.isEmpty else { continue }
      var lines: [String] = []
      for file in files {
        do throws(FileError) { lines += try TextLines.read(file).map(\.text) } catch {
          throw .inputs("\(error)")
        }
      }
      guard !lines.isEmpty else { throw .inputs("\(files[0]) has no line for '__\(name)__'") }
      return (lines, files)
    }
    throw .prompt(
      "there is no file \(name).txt for '__\(name)__' in \(folders.joined(separator: " or ")): make "
        + "it, name its folder with --wildcards, or write '\\__\(name)__' for the text itself")
  }

  private static func files(_ pattern: String) -> [String] {
    guard pattern.contains("*") else {
      return FileManager.default.fileExists(atPath: pattern) ? [pattern] : []
    }
    var found = glob_t()
    defer { globfree(&found) }
    guard glob(pattern, 0, nil, &found) == 0 else { return [] }
    return (0..<Int(found.gl_pathc)).compactMap { found.gl_pathv[$0].map { String(cString: $0) } }
  }
}
