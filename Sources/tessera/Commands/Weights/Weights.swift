import ArgumentParser

struct WeightsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "weights",
    abstract: "Fetch, look into and convert weight files.",
    discussion: """
      'list' shows the public checkpoints that 'fetch' brings into Tessera's library; --vqgan and \
      --clip then take their names.
      """,
    subcommands: [
      ListWeights.self, FetchWeights.self, InspectWeights.self, ConvertWeights.self,
    ])
}
