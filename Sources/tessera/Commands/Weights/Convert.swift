import ArgumentParser
import Models
import Support
import Weights

struct ConvertWeights: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Convert a checkpoint (.safetensors, .pt, .ckpt) to safetensors.",
    discussion: """
      Tensors keep their names; integer tensors, which are counters and never weights, are left \
      out. Nothing in a checkpoint is run.
      """)

  @Argument(help: ArgumentHelp("The checkpoint.", valueName: "in"), completion: .file())
  var source: String

  @Argument(
    help: ArgumentHelp("The file to write.", valueName: "out.safetensors"), completion: .file())
  var destination: String

  @Flag(help: "Store 16-bit floats instead of 32-bit.")
  var half = false

  func run() throws {
    try AtomicFile.checkWritable(destination, reading: CheckpointFiles.all(of: source))
    guard case .file = try OutputDestination(destination) else {
      throw FileError.unwritable(path: destination, reason: "it is not a regular file; name another one")
    }
    let report = try convert(from: source, to: destination, half: half)
    print(
      "\(destination): \(report.written) tensors written, \(report.skipped.count) left out, "
        + "largest rounding error \(report.largestAbsoluteError) absolute, "
        + "\(report.largestRelativeError) relative")
  }
}
