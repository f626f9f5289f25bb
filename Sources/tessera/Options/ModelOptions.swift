import ArgumentParser
import Guidance
import Weights

/// Which generator to use.
struct GeneratorOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The generator's weights, its .yaml beside; or a model that 'tessera weights' fetched.",
      valueName: "file"),
    completion: .file())
  var vqgan: String?

  /// The weights' path: the starter's unless one was named.
  var path: String {
    get throws {
      try vqgan.map { try WeightLibrary.path(of: $0, kind: .vqgan) }
        ?? ModelFiles.starter().generator
    }
  }
}

/// Which perceptor to use.
struct PerceptorWeightsOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The perceptor's weights, or a model that 'tessera weights' fetched.", valueName: "file"),
    completion: .file())
  var clip: String?

  /// The weights' path: the starter's unless one was named.
  var path: String {
    get throws {
      try clip.map { try WeightLibrary.path(of: $0, kind: .clip) }
        ?? ModelFiles.starter().perceptor
    }
  }
}

/// Which perceptor to use, and how it reads.
struct PerceptorOptions: ParsableArguments {
  @OptionGroup private var weights: PerceptorWeightsOptions

  @Option(
    help: ArgumentHelp(
      "The perceptor's vocabulary (bpe_simple_vocab_16e6.txt.gz, merges.txt, tokenizer.json), "
        + "where it does not lie beside it.", valueName: "file"),
    completion: .file())
  var vocabulary: String?

  @Flag(help: "Cut off texts that are longer than the perceptor reads, instead of refusing them.")
  var truncate = false

  /// The weights' path.
  var path: String {
    get throws { try weights.path }
  }
}
