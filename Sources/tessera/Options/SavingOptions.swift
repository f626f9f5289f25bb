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
    (saveEvery.map { " --save-every \($0)" } ?? "") + (framesFolder.map { " --frames \($0)" } ?? "")
  }

  /// The frames asked for, if any.
  /// - Parameter goesOn: whether frames may be there, of the same render.
  /// - Throws: ``ImageError`` for a folder that will not do.
  func frames(goesOn: Bool) throws -> Frames? {
    try framesFolder.map { try Frames(in: $0, every: saveEvery ?? 1, goesOn: goesOn) }
  }
}
