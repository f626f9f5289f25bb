import ArgumentParser

struct CLIPCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clip",
    abstract: "Use the perceptor alone: embed, compare and search pictures and texts.",
    subcommands: [EmbedCommand.self, ScoreCommand.self, SearchCommand.self])
}
