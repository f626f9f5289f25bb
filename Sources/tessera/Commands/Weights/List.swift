import ArgumentParser
import Support
import Weights

struct ListWeights: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the public checkpoints that can be fetched.",
    discussion: "A star marks what is fetched. Sizes include what a model needs beside it.")

  func run() throws {
    let library = try WeightLibrary.installed()
    let models = library.manifest.models
    let width = models.map(\.name.count).max() ?? 0
    for model in models {
      let mark = library.isFetched(model) ? "*" : " "
      let sizes = library.manifest.files(of: model).map(\.bytes)
      let size = sizes.contains(nil) ? "?" : ByteCount.text(sizes.reduce(0) { $0 + $1! })
      print(
        "\(mark) \(model.name.padded(to: width))  \(model.kind.rawValue.padded(to: 10))  "
          + "\(size.padded(to: 8, alignRight: true))  \(model.goodFor)")
    }
    print("\nThe library is \(library.folder).")
  }
}
