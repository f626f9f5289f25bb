import ArgumentParser
import Execution
import Foundation
import Guidance
import Support

struct Render: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Paint a picture of one or more prompts.",
    discussion: """
      A start is found first: the best of several pictures that a codebook transformer paints of the \
      words, or of several small pictures that are begun from random codes. The picture is written when all steps are done. Ctrl-C ends the render early, \
      writes the picture as it stands and, beside it, what 'tessera resume' needs to go on; a second \
      Ctrl-C gives up at once.

      Example: tessera render 'a red house on green' -o house.png
      """)

  @OptionGroup var options: RequestOptions

  @Option(
    help: ArgumentHelp(
      "A picture that Tessera painted, to paint again; other options change what it records.",
      valueName: "picture"),
    completion: .file(extensions: ["png"]))
  var like: String?

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp("The PNG file to write; - for the standard output.", valueName: "file"), completion: .file())
  var output: String?

  @OptionGroup var device: DeviceOptions
  @OptionGroup var memory: MemoryOptions
  @OptionGroup var saving: SavingOptions

  @Flag(
    help: ArgumentHelp(
      "Do not paint: tell what memory, work and time it would take. The device's speed is measured "
        + "for that, in a few seconds."))
  var plan = false

  @Flag(help: "Print the record of the picture, or the plan, as JSON.")
  var json = false

  @Flag(name: .shortAndLong, help: "Print warnings and errors only.")
  var quiet = false

  func validate() throws {
    do {
      if like == nil {
        try applied(to: RenderRequest(prompts: [])).validate()
      } else {
        _ = try options.prompts.read(seed: options.seed?.value ?? 0)
      }
    } catch let error as ValidationError { throw error } catch let error as GuidanceError {
      if case .inputs = error {} else { throw ValidationError("\(error)") }
    } catch {
      // A file that is not there is no fault of the command line.
    }
    if output == nil && !plan {
      throw ValidationError("there is no file to write: name one with --output, or ask for --plan")
    }
  }

  func run() throws {
    let (request, recorded) = try request()
    let device = memory.limit(try self.device.found)
    guard let output, !plan else {
      let report = try PlanReport(RenderPlan(request, on: device))
      return print(try json ? JSON.text(report, formatting: .prettyPrinted) : report.text)
    }
    let reading = try options.prompts.read(seed: request.seed)
    let inputs = request.files + reading.files + (like.map { [$0] } ?? [])
    try PictureFile.check(output, reading: inputs)
    let claim = try OutputClaim(output)
    defer { withExtendedLifetime(claim) {} }
    if case .file = try OutputDestination(output) {
      let state = output + RenderLoop.stateSuffix
      guard !FileManager.default.fileExists(atPath: state) else {
        throw FileError.unwritable(
          path: output,
          reason: "\(state) is an unfinished render: resume it with 'tessera resume', delete it, or "
            + "choose another --output")
      }
      try AtomicFile.checkWritable(state, reading: inputs)
    } else if saving.saveEvery != nil, saving.framesFolder == nil {
      throw ValidationError("--save-every needs a file: \(output) takes the picture but once")
    }
    if json, try OutputDestination(output).isStandardOutput {
      throw ValidationError("the picture and --json both go to the standard output: name a file")
    }
    let frames = try saving.frames(resumes: false)
    for warning in reading.warnings { StandardError.print("tessera: \(warning)") }
    if !quiet {
      options.seed?.report()
      if !reading.templates.isEmpty {
        StandardError.print("prompts \(request.prompts.map(\.description).joined(separator: " | "))")
      }
    }
    var progress = ProgressDisplay(
      total: request.totalSteps, style: quiet ? .none : .standardError)
    defer { progress.finish() }
    progress.preparing(Self.preparation(on: device))
    let session = try session(request, recorded, on: device, &progress)
    // Before, there is nothing to keep.
    Interruption.prepare()
    let size = PictureSize(width: request.width, height: request.height)
    let painted = PictureSize(width: session.resolved.width, height: session.resolved.height)
    if size != painted {
      progress.finish()
      StandardError.print(
        "tessera: \(size) is not a multiple of the generator's factor; "
          + "rendering \(painted.width)x\(painted.height)")
    }
    let loop = RenderLoop(
      session: session, output: output, saving: saving, frames: frames,
      frameInterval: frames?.interval, resumeOptions: self.device.arguments + memory.arguments,
      report: json ? .json : quiet ? .none : .line)
    try loop.run(&progress)
  }

  /// What to render, and the record that it repeats.
  private func request() throws -> (RenderRequest, RenderRecord?) {
    guard let like else { return (try applied(to: RenderRequest(prompts: [])), nil) }
    let record = try RenderRecord(ofPicture: like)
    let request = try applied(to: record.request)
    return (try request.located(in: InputFolders.all(beside: like)), record)
  }

  /// `request` with the options that are given.
  private func applied(to request: RenderRequest) throws -> RenderRequest {
    var request = request
    try options.apply(to: &request)
    guard request.initialImage != nil || request.losses[StartDistance.name] ?? 0 == 0 else {
      throw ValidationError("--init-weight is for --init-image: give both")
    }
    return request
  }

  /// Prepares the render up to its first step.
  private func session(
    _ request: RenderRequest, _ recorded: RenderRecord?, on device: ComputeDevice,
    _ progress: inout ProgressDisplay
  ) throws -> RenderSession {
    var decided = options.changesPlan || memory.memory != nil ? nil : recorded?.resolved
    if let known = decided, known.device != "\(device)" {
      progress.finish()
      StandardError.print(
        "tessera: the picture was painted on \(RecordReport.printable(known.device)); on another device it differs a little")
      decided = nil
    }
    // A search that was interrupted is repeated as far as it went.
    let tried = recorded?.changes.first { $0.field == "starts" }.flatMap { Int($0.value) }
    let plan = try RenderPlan(request, on: device, as: decided)
    let count = plan.request.startCount
    return try RenderSession(plan) { start, loss in
      Interruption.prepare()
      progress.tried(start: start, of: count, loss: loss)
      if Interruption.isRequested, start < count {
        progress.finish()
        StandardError.print(
          "tessera: only \(start) of \(count) starts were tried: the picture differs from "
            + "that of an uninterrupted render")
      }
      return !Interruption.isRequested && start != tried
    }
  }

  /// What is told until the first step is done.
  static func preparation(on device: ComputeDevice) -> String {
    "setting up \(device.id)"
      + (device.id == ComputeDevice.cpu.id ? "" : ", which compiles kernels the first time")
  }
}
