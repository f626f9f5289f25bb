import ArgumentParser
import Guidance
import Imaging

struct Info: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell how a picture was painted.",
    discussion: """
      A picture that Tessera painted records what was asked, what was decided, its inputs with their \
      SHA-256, and its loss. 'tessera render --like' paints it again. A .resume file has such a \
      record, too.

      Example: tessera info house.png
      """)

  @Argument(
    help: ArgumentHelp("A PNG or .resume file.", valueName: "picture"),
    completion: .file(extensions: ["png", "resume"]))
  var picture: String

  @Flag(help: "Print the record as JSON.")
  var json = false

  func run() throws {
    let record =
      picture.hasSuffix(RenderLoop.stateSuffix)
      ? try SavedRender(path: picture).record : try RenderRecord(ofPicture: picture)
    print(try json ? record.json(pretty: true) : RecordReport.text(record))
  }
}
