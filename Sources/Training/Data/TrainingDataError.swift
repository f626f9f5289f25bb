import Support

/// Failure to open or read training data; the description is one line that says what to do.
package enum TrainingDataError: Error, Hashable, Sendable {
  /// No folder, tar or command by that text.
  case notFound(String, reason: String)
  /// A folder or tars without a picture.
  case noPictures(String)
  /// Fewer pictures than a batch.
  case fewerThanBatch(String, count: Int, batch: Int)
  /// Pictures without a caption, where captions are needed.
  case noCaptions(String, missing: Int, of: Int, first: [String])
  /// captions.jsonl names files that are not there.
  case missingFiles(String, missing: Int, of: Int, first: [String])
  /// A line of captions.jsonl that cannot be used.
  case badLine(String, line: Int, reason: String)
  /// Damage in a tar, at a byte offset.
  case damagedTar(String, offset: Int, reason: String)
  /// A file that is compressed as a whole.
  case compressed(String, by: String)
  /// A file of the data that cannot be read.
  case unreadable(String, reason: String)
  /// The command of a pipe failed or gave too little.
  case pipe(command: String, reason: String, lines: [String])
  /// Too many damaged pictures.
  case tooManyDamaged(String, damaged: Int, of: Int, last: SkippedPicture)
  /// No good picture to fill a batch with.
  case noneGood(String, last: SkippedPicture)
  /// A split that leaves no picture on one side, or of a pipe.
  case noSplit(String, reason: String)
}

/// A damaged picture that a loader passed over.
package struct SkippedPicture: Hashable, Sendable, CustomStringConvertible {
  package var name: String
  package var reason: String

  package init(name: String, reason: String) { (self.name, self.reason) = (name, reason) }

  package var description: String {
    // Decoders begin their sentences with the name.
    reason.contains(name) ? reason : "\(name): \(reason)"
  }
}

extension TrainingDataError: CustomStringConvertible {
  package var description: String { printable(text) }

  private var text: String {
    switch self {
    case .notFound(let name, let reason): "cannot read training data \(name): \(reason)"
    case .noPictures(let name):
      "\(name) has no pictures; training reads .png, .jpg and .jpeg files"
    case .fewerThanBatch(let name, let count, let batch):
      "\(name) has \(counted(count, "picture")), fewer than a batch of \(batch); choose a smaller "
        + "--batch or add pictures"
    case .noCaptions(let name, let missing, let count, let first):
      "\(name): \(missing) of \(counted(count, "picture")) \(missing == 1 ? "has" : "have") no "
        + "caption (\(list(first, of: missing))); add them to captions.jsonl or in a .txt beside "
        + "each picture"
    case .missingFiles(let name, let missing, let count, let first):
      "\(name) names \(missing) of \(counted(count, "file")) that are not there or no .png, .jpg "
        + "or .jpeg (\(list(first, of: missing))); paths are relative to its folder"
    case .badLine(let name, let line, let reason): "\(name), line \(line): \(reason)"
    case .damagedTar(let name, let offset, let reason):
      "\(name) is damaged at byte \(offset): \(reason); copy it again"
    case .compressed(let name, let program):
      name.hasPrefix(TrainingData.pipePrefix)
        ? "\(name) writes a stream packed by \(program); unpack it in the command"
        : "\(name) is packed by \(program); unpack it first, as training reads tars at random "
          + "places"
    case .unreadable(let name, let reason): "cannot read \(name): \(reason)"
    case .pipe(let command, let reason, let lines):
      "pipe:\(command) \(reason)"
        + (lines.isEmpty ? "" : "; its last words: " + lines.joined(separator: " | "))
    case .tooManyDamaged(let name, let damaged, let count, let last):
      "\(name): \(damaged) of the \(count) pictures read are damaged, more than a tenth; the last "
        + "is \(last)"
    case .noneGood(let name, let last):
      "\(name) has no good picture to fill a batch with; the last is \(last)"
    case .noSplit(let name, let reason): "cannot hold pictures of \(name) back: \(reason)"
    }
  }

  private func list(_ names: [String], of count: Int) -> String {
    names.joined(separator: ", ") + (count > names.count ? ", …" : "")
  }
}

/// `1 picture`, `7,650 pictures`.
func counted(_ count: Int, _ noun: String) -> String {
  var digits = ""
  for (index, digit) in String(count).reversed().enumerated() {
    if index > 0, index % 3 == 0 { digits.append(",") }
    digits.append(digit)
  }
  return "\(String(digits.reversed())) \(noun)\(count == 1 ? "" : "s")"
}

/// The text without control characters, so that names out of files cannot drive a terminal.
func printable(_ text: String) -> String {
  var view = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    view.append(scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar)
  }
  return String(view)
}
