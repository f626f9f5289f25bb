/// Words of a command that can be pasted into a shell.
enum ShellWord {
  /// `text` in single quotes where a shell would read it otherwise.
  /// - Parameter always: quotes it in any case.
  static func quoted(_ text: String, always: Bool = false) -> String {
    let isPlain = !text.isEmpty && text.unicodeScalars.allSatisfy { scalar in
      scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
        || "_@%+=:,./-".unicodeScalars.contains(scalar)
    }
    return isPlain && !always
      ? text : "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }

  /// A path, which must not be read as an option.
  static func path(_ path: String) -> String { quoted(path.hasPrefix("-") ? "./" + path : path) }
}
