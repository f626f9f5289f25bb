import ArgumentParser
import Execution
import Foundation
import Guidance
import Imaging
import Support
import Weights

struct Resume: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Go on with a render that was interrupted.",
    discussion: """
      An interrupted render leaves a .resume file beside its picture, and so does every save of \
      --save-every. On the same device the picture becomes the same, byte for byte, as without the \
      interruption.

      Example: tessera resume house.png.resume
      """)

  @Argument(
    help: ArgumentHelp("The .resume file beside the picture.", valueName: "file"),
    completion: .file(extensions: ["resume"]))
  var state: String

  @Option(
    help: ArgumentHelp("The generator's weights, where they have moved.", valueName: "file"),
    completion: .file())
  var vqgan: String?

  @Option(
    help: ArgumentHelp(
      "A perceptor's weights, where they have moved; of several, each in the order of the render.",
      valueName: "file"), completion: .file())
  var clip: [String] = []

  @OptionGroup var device: DeviceOptions
  @OptionGroup var memory: MemoryOptions

  @OptionGroup var saving: SavingOptions

  @Flag(help: "Print the record of the picture as JSON.")
  var json = false

  @Flag(name: .shortAndLong, help: "Print warnings and errors only.")
  var quiet = false

  func validate() throws {
    guard state.hasSuffix(RenderLoop.stateSuffix), state != RenderLoop.stateSuffix else {
      throw ValidationError(
        "'\(state)' does not end in \(RenderLoop.stateSuffix): give the file that the interrupted "
          + "render left beside its picture")
    }
  }

  func run() throws {
    let output = String(state.dropLast(RenderLoop.stateSuffix.count))
    let saved = try SavedRender(path: state).moved(
      generator: vqgan.map { try WeightLibrary.path(of: $0, kind: .vqgan) },
      perceptors: clip.map { try WeightLibrary.path(of: $0, kind: .clip) })
    let claim = try OutputClaim(output)
    defer { withExtendedLifetime(claim) {} }
    try PictureFile.check(output, reading: saved.record.request.files + [state])
    try AtomicFile.checkWritable(state, reading: saved.record.request.files)
    let frames = try saving.frames(resumes: true, interval: saved.frameInterval)
    let device = memory.limit(try self.device.found)
    var progress = ProgressDisplay(
      total: saved.record.request.totalSteps, from: saved.record.stepsDone,
      style: quiet ? .none : .standardError)
    defer { progress.finish() }
    progress.preparing(Render.preparation(on: device))
    let session = try RenderSession(
      resuming: saved, on: device, modelsIn: InputFolders.all(beside: state))
    Interruption.prepare()
    let loop = RenderLoop(
      session: session, output: output, saving: saving, frames: frames,
      frameInterval: frames?.interval ?? saved.frameInterval,
      resumeOptions: self.device.arguments + memory.arguments,
      report: json ? .json : quiet ? .none : .line)
    try loop.run(&progress)
  }
}
