import ArgumentParser

struct WeightsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "weights", abstract: "Work with weight files.",
    subcommands: [ConvertWeights.self])
}
