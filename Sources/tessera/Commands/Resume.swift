import ArgumentParser
import Execution
import Foundation
import Guidance
import Imaging
import Support

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

  @OptionGroup var device: DeviceOptions
  @OptionGroup var memory: MemoryOptions

  @OptionGroup var saving: SavingOptions

  @Flag(name: .shortAndLong, help: "Print warnings and errors only.")
  var quiet = false

  func validate() throws {
    guard state.hasSuffix(Painting.stateSuffix), state != Painting.stateSuffix else {
      throw ValidationError(
        "'\(state)' does not end in \(Painting.stateSuffix): give the file that the interrupted "
          + "render left beside its picture")
    }
  }

  func run() throws {
    let output = String(state.dropLast(Painting.stateSuffix.count))
    let saved = try RenderState(path: state)
    try AtomicFile.checkWritable(output)
    let frames = try saving.frames(goesOn: true)
    let device = memory.limit(try device.found)
    var progress = ProgressDisplay(
      total: saved.settings.steps, from: saved.stepsDone, style: quiet ? .none : .standardError)
    defer { progress.finish() }
    progress.preparing(Render.preparation(on: device))
    let session = try RenderSession(resuming: saved, device: device)
    Interruption.prepare()
    let painting = Painting(
      session: session,
      record: PictureRecord(
        session.settings, models: saved.models, device: device, initialImage: saved.initialImage),
      output: output, saving: saving, frames: frames, isQuiet: quiet)
    try painting.run(&progress)
  }
}
