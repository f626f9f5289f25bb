import ArgumentParser

struct VQGANCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vqgan",
    abstract: "Use the generator alone: pictures to codes and back.",
    subcommands: [EncodeCommand.self, DecodeCommand.self, ReconstructCommand.self, VerdictsCommand.self])
}
