import Foundation

/// What Linux tells of itself and of this process in lines of `name: value`.
package enum SystemFile {
  /// The widest vectors of the processor, for which its OpenCL devices compile, by the name of their
  /// flag; nil if they are not known.
  package static let widestVectors: String? = {
    func fact(_ name: String) -> String? { value(name, in: "/proc/cpuinfo") }
    let flags = Set((fact("flags") ?? fact("Features") ?? "").split(separator: " "))
    return ["avx512f", "avx2", "asimd"].first { flags.contains(Substring($0)) }
  }()

  /// The value of the first line of this name; nil where there is none.
  package static func value(_ name: String, in path: String) -> String? {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
        .map { $0.trimmingCharacters(in: .whitespaces) }
      if parts.count == 2, parts[0] == name { return parts[1] }
    }
    return nil
  }

  /// The value in bytes of a line that gives it in kB.
  package static func bytes(_ name: String, in path: String) -> Int? {
    let words = value(name, in: path)?.split(separator: " ") ?? []
    return words.count == 2 ? Int(words[0]).map { $0 << 10 } : nil
  }
}
