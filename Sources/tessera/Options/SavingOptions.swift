import ArgumentParser

/// What a render writes before it is done.
struct SavingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Write the picture every so many steps too.", valueName: "steps"))
  var saveEvery: Int?

  @Option(
    name: .customLong("frames"),
    help: ArgumentHelp(
      "A folder for the frames of a film, frame-00001.png and on: one a step, or as often as "
        + "--save-every says.", valueName: "folder"),
    completion: .directory)
  var framesFolder: String?

  func validate() throws {
    if let saveEvery, saveEvery < 1 {
      throw ValidationError("--save-every is \(saveEvery): it must be at least 1")
    }
  }

  /// As they are given, each after a space.
  var arguments: String {
    (saveEvery.map { " --save-every \($0)" } ?? "") + (framesFolder.map { " --frames \(ShellWord.path($0))" } ?? "")
  }

  /// The frames asked for, if any.
  /// - Parameters:
  ///   - resumes: whether frames may be there, of the same render.
  ///   - interval: steps from one of these to the next; nil where there are none.
  /// - Throws: ``FileError`` for a folder that will not do, `ValidationError` for another interval.
  func frames(resumes: Bool, interval: Int? = nil) throws -> Frames? {
    guard let framesFolder else { return nil }
    if let interval, let saveEvery, saveEvery != interval {
      throw ValidationError(
        "--save-every is \(saveEvery), but there is a frame every \(interval) steps so far: leave "
          + "it out, or leave out --frames")
    }
    return try Frames(in: framesFolder, every: saveEvery ?? interval ?? 1, resumes: resumes)
  }
}
