import ArgumentParser
import Foundation
import Support
import Weights

struct InspectWeights: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show what a weight file holds.",
    discussion: """
      The format, what model the names belong to, and every tensor with type and shape. Nothing in \
      a checkpoint is run, and no values are read.
      """)

  @Argument(
    help: ArgumentHelp("A .safetensors, .pt or .ckpt file.", valueName: "file"),
    completion: .file())
  var file: String

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let summary = WeightSummary(try WeightFile(path: file))
    print(json ? try summary.json() : summary.text, terminator: json ? "\n" : "")
  }
}

/// What `inspect` says of a file.
struct WeightSummary: Codable {
  struct Tensor: Codable {
    let name: String
    let shape: [Int]
    let type: String
  }

  let file: String
  let format: String
  /// Nil where the names are no known model's.
  let model: String?
  let parameters: Int
  /// What the tensors take in their own types.
  let bytes: Int
  let metadata: [String: String]
  let tensors: [Tensor]

  init(_ file: WeightFile) {
    self.file = file.path
    format =
      switch file.format {
      case .safetensors: "safetensors"
      case .torch: "torch archive"
      case .torchScript: "TorchScript archive"
      }
    model = ModelKind(of: file)?.description
    // Views may share their elements, so what a file says can add up to more than it has.
    let weights = file.tensors.filter(\.scalar.isFloatingPoint)
    parameters = weights.reduce(0) { clampedSum($0, $1.count) }
    bytes = file.tensors.reduce(0) { clampedSum($0, $1.count * $1.scalar.byteCount) }
    metadata = file.metadata
    tensors = file.tensors.map {
      Tensor(name: $0.name, shape: $0.shape, type: $0.scalar.rawValue)
    }
  }

  func json() throws -> String { try JSON.text(self, formatting: .prettyPrinted) }

  var text: String {
    var lines = [
      "\(file): \(format), \(model ?? "no model that is known by its names")",
      "\(tensors.count) tensors, \(grouped(parameters)) parameters, \(ByteCount.text(bytes))",
    ]
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      lines.append("  \(key) = \(value)")
    }
    let width = min(64, tensors.map(\.name.count).max() ?? 0)
    for tensor in tensors {
      let shape = tensor.shape.map(String.init).joined(separator: "×")
      lines.append("  \(tensor.name.padded(to: width))  \(tensor.type.padded(to: 8))  \(shape)")
    }
    return lines.map { oneLine($0) + "\n" }.joined()
  }
}

private func clampedSum(_ a: Int, _ b: Int) -> Int {
  let (sum, overflow) = a.addingReportingOverflow(b)
  return overflow ? .max : sum
}

/// `151277313` as `151,277,313`.
private func grouped(_ value: Int) -> String {
  var digits = ""
  for (i, digit) in String(value).reversed().enumerated() {
    if i > 0, i % 3 == 0 { digits.append(",") }
    digits.append(digit)
  }
  return String(digits.reversed())
}
