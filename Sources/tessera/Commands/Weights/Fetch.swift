import ArgumentParser
import Downloads
import Foundation
import Weights

struct FetchWeights: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch",
    abstract: "Fetch a public checkpoint, with what belongs beside it, into the library.",
    discussion: """
      'tessera weights list' has the names. Size and SHA-256 are compared with the manifest where \
      they are known. Ctrl-C keeps what has arrived; the next fetch goes on from there.

      The library is $XDG_DATA_HOME/tessera/weights (default: ~/.local/share/tessera/weights).
      """)

  @Argument(help: ArgumentHelp("A model of the manifest, such as ViT-B-32.", valueName: "name"))
  var name: String

  @Flag(name: .shortAndLong, help: "Print errors only.")
  var quiet = false

  func run() throws {
    let library = try WeightLibrary.installed()
    let model = try library.model(named: name)
    try makeFolder(library.folder)
    Interruption.prepare()
    for file in library.manifest.files(of: model) where !library.isFetched(file) {
      try fetch(file, into: library)
    }
    if !quiet { print("\(model.name): \(library.path(of: model.files[0]))") }
  }

  private func makeFolder(_ folder: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw DownloadError.unwritable(file: folder, reason: error.localizedDescription)
    }
  }

  private func fetch(_ file: Manifest.File, into library: WeightLibrary) throws {
    let download = Download(
      url: file.url, destination: library.path(of: file), bytes: file.bytes, sha256: file.sha256)
    var display = TransferDisplay(name: file.name, style: quiet ? .none : .standardError)
    let outcome = try download.run { stage, received, total in
      display.update(stage, received: received, total: total)
      return !Interruption.isRequested
    }
    display.finish()
    guard outcome == .complete else {
      StandardError.print(
        "tessera: interrupted; what has arrived of \(file.name) is kept, fetch again to go on")
      throw ExitCode(Interruption.status)
    }
    if file.sha256 == nil, !quiet {
      StandardError.print("tessera: \(file.name): nobody has published its SHA-256; not verified")
    }
  }
}
