import ArgumentParser
import Foundation
import Guidance
import Imaging
import Inference
import Support

struct SearchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Find the pictures of a folder that fit a text.",
    discussion: """
      The folder is searched at any depth for .png, .jpg, .jpeg, .jpe and .jfif. Embeddings are kept in the \
      cache, so only the first search takes long; later ones embed what is new. Ctrl-C ends the \
      indexing and keeps what is done.

      Example: tessera clip search ~/Pictures 'a boat at sunset' --top 6 --sheet boats.png
      """)

  @Argument(help: ArgumentHelp("The folder.", valueName: "folder"), completion: .directory)
  var folder: String

  @Argument(
    help: ArgumentHelp(
      "What to look for: prompts as for 'tessera render', with '|' between them and weights.",
      valueName: "query"))
  var query: String

  @Option(help: "Hits to list, best first.")
  var top = 12

  @Option(
    help: ArgumentHelp("A PNG file to write with the hits side by side.", valueName: "file"),
    completion: .file())
  var sheet: String?

  @Flag(help: "Print a list of {image, cosine}.")
  var json = false

  @Flag(name: .shortAndLong, help: "Print hits and warnings only.")
  var quiet = false

  @OptionGroup var perceptor: PerceptorOptions
  @OptionGroup var device: DeviceOptions

  private struct Entry: Encodable {
    let image: String
    let cosine: Float
  }

  func validate() throws {
    guard query.contains(where: { !$0.isWhitespace }) else {
      throw ValidationError("the query is empty: say what to look for")
    }
    do throws(GuidanceError) {
      var reader = PromptReader()
      _ = try reader.prompts(in: query)
    } catch { throw ValidationError("\(error)") }
    guard top >= 1 else { throw ValidationError("--top is \(top): it must be at least 1") }
  }

  func run() throws {
    if let sheet {
      try PictureFile.check(sheet, reading: perceptor.files + [folder])
      guard try !OutputDestination(sheet).isStandardOutput else {
        throw ValidationError("the hits go to the standard output: name a file for the sheet")
      }
    }
    let model = try Perceptor(
      perceptor.path, vocabulary: perceptor.vocabulary, device: device.found)
    var search = try PictureSearch(folder: folder, perceptor: model)
    for problem in search.unlisted { StandardError.print("tessera: \(problem.reason)") }
    // Before the long work, so that a query that cannot be read costs none.
    let embedding = try embedding(of: query, by: model)
    try update(&search)
    let hits = search.hits(for: embedding, top: top)
    if hits.isEmpty { StandardError.print("tessera: there is no picture in \(folder)") }
    if json {
      try JSON.print(hits.map { Entry(image: $0.path, cosine: $0.similarity) })
    } else {
      for hit in hits { print("\(hit.similarity.formatted(decimals: 4))  \(hit.path)") }
    }
    if let sheet, !hits.isEmpty {
      try PictureFile.write(
        ContactSheet.of(hits.map(\.path)), to: sheet, texts: [PNG.Text("query", query)])
    }
  }

  /// The sum of the query's prompts by their weights, each of unit length.
  private func embedding(of query: String, by model: Perceptor) throws -> [Float] {
    var reader = PromptReader()
    let prompts = try reader.prompts(in: query)
    for warning in reader.warnings { StandardError.print("tessera: \(warning)") }
    if reader.hasExpanded, !quiet {
      StandardError.print("query \(prompts.map(\.description).joined(separator: " | "))")
    }
    let embeddings = try model.embed(
      texts: prompts.compactMap(\.text), truncating: perceptor.truncate)
    return zip(prompts, embeddings).reduce(Array(repeating: 0, count: model.width)) { sum, next in
      let length = next.1.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return zip(sum, next.1).map { $0 + next.0.weight * $1 / length }
    }
  }

  /// Embeds what is new, saying how far it is.
  private func update(_ search: inout PictureSearch) throws {
    guard search.outdatedCount > 0 else { return }
    Interruption.prepare()
    let start = ContinuousClock.now
    var progress = ProgressDisplay(
      total: search.outdatedCount, unit: "picture", style: quiet ? .none : .standardError)
    let problems = try search.update { done, _ in
      progress.update(step: done, seconds: (ContinuousClock.now - start) / .seconds(1))
      return !Interruption.isRequested
    }
    progress.finish()
    for problem in problems { StandardError.print("tessera: \(problem.reason)") }
    if Interruption.isRequested, search.outdatedCount > 0 {
      StandardError.print(
        "tessera: interrupted with \(search.outdatedCount) pictures to go; those done are kept")
      throw ExitCode(Interruption.status)
    }
  }
}
