import ArgumentParser

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure speed and memory on one device or several, side by side.",
    discussion: """
      The work is one step of a render with models of real sizes: VQGAN f16 with 16384 codes and \
      OpenAI's CLIP. Weights are random, so nothing has to be fetched.
      """,
    subcommands: [BenchStepCommand.self, BenchKernelsCommand.self])
}
