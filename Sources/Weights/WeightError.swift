/// Why a weight file could not be opened, read or written.
///
/// Every case names the file as the caller gave it; the description is one line that says what
/// failed, where, and what to do about it.
public enum WeightError: Error, Equatable, Sendable {
  /// The operating system refused to open, map or measure the file.
  case unreadable(file: String, reason: String)

  /// The operating system refused to write the file.
  case unwritable(file: String, reason: String)

  /// The content is neither safetensors nor a torch archive.
  case unknownFormat(file: String, found: String)

  /// The content contradicts its own format: truncated, overlapping, out of range.
  case damaged(file: String, byte: Int, what: String)

  /// The content is well formed, but of a kind that Tessera does not read.
  case unsupported(file: String, what: String, advice: String)

  /// A pickle names something that is not on the list of tensor constructors.
  case refused(file: String, byte: Int, name: String)

  /// No tensor has this name. `similar` holds the nearest names of the file, best first.
  case missingTensor(file: String, name: String, similar: [String])

  /// A tensor has another shape than the model needs.
  case wrongShape(file: String, name: String, shape: [Int], expected: [Int])

  /// A finite value has no finite 16-bit counterpart, at this element of the tensor.
  case exceedsHalf(file: String, name: String, element: Int, value: Float)
}

extension WeightError: CustomStringConvertible {
  public var description: String { oneLine(message) }

  private var message: String {
    switch self {
    case .unreadable(let file, let reason):
      "\(file): cannot be read: \(reason)"
    case .unwritable(let file, let reason):
      "\(file): cannot be written: \(reason)"
    case .unknownFormat(let file, let found):
      "\(file): \(found), not weights; give a .safetensors, .pt or .ckpt file"
    case .damaged(let file, let byte, let what):
      "\(file): damaged at byte \(byte): \(what); download or copy the file again"
    case .unsupported(let file, let what, let advice):
      "\(file): \(what) is not supported; \(advice)"
    case .refused(let file, let byte, let name):
      "\(file): the pickle at byte \(byte) names \(name), which is no tensor constructor; nothing "
        + "was run. Save model.state_dict() alone, or convert the file to safetensors"
    case .missingTensor(let file, let name, let similar):
      "\(file): no tensor \(name)"
        + (similar.isEmpty
          ? "; is this the checkpoint of another model?"
          : "; the nearest names are \(similar.joined(separator: ", "))")
    case .wrongShape(let file, let name, let shape, let expected):
      "\(file): \(name) has shape \(shape), expected \(expected); "
        + "does the configuration belong to this checkpoint?"
    case .exceedsHalf(let file, let name, let element, let value):
      "\(file): element \(element) of \(name) is \(value), beyond the range of fp16; "
        + "write fp32 instead"
    }
  }
}

/// `text` without what a hostile file could do to a terminal or a log: control and formatting
/// characters are spelled out, and the middle of what is longer than any honest message left out.
package func oneLine(_ text: String) -> String {
  var line = ""
  for scalar in text.unicodeScalars {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator:
      line += "\\u{\(String(scalar.value, radix: 16))}"
    default: line.unicodeScalars.append(scalar)
    }
  }
  return line.count <= 2000 ? line : "\(line.prefix(1400)) … \(line.suffix(500))"
}
