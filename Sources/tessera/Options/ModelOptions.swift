import ArgumentParser
import Guidance
import Models
import Weights

/// The generator and the perceptors of a render.
struct RenderModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What paints: a VQGAN, raw pixels, or waves (fft). (default: \(VQGANGenerator.name))",
      valueName: Generators.names.joined(separator: "|")))
  var generator: String?

  @Option(help: GeneratorOptions.help, completion: .file())
  var vqgan: String?

  @Option(
    help: ArgumentHelp(
      "A perceptor's weights, or a model that 'tessera weights' fetched; 'FILE:0.5' has half the "
        + "weight. May be given several times.", valueName: "file"),
    completion: .file())
  var clip: [String] = []

  @OptionGroup var reading: ReadingOptions

  var areGiven: Bool { generator != nil || vqgan != nil || !clip.isEmpty }

  /// - Throws: ``LibraryError`` for a model that is not there.
  func apply(to request: inout RenderRequest) throws {
    if let generator {
      request.generator = generator
      if !Generators.readsWeights(generator) { request.generatorWeights = nil }
    }
    if let vqgan {
      request.generatorWeights = InputFile(try WeightLibrary.path(of: vqgan, kind: .vqgan))
    }
    if !clip.isEmpty {
      request.perceptors = try clip.map { argument in
        let (name, weight) = try Prompt.split(argument)
        return RenderRequest.Perceptor(
          InputFile(try WeightLibrary.path(of: name, kind: .clip)), weight: weight)
      }
    }
    if let vocabulary = reading.vocabulary {
      request = try request.withModels()
      for index in request.perceptors.indices {
        request.perceptors[index].vocabulary = InputFile(vocabulary)
      }
    }
    if reading.truncate { request.truncatesPrompts = true }
  }
}

/// Which generator to use, where it is a VQGAN.
struct GeneratorOptions: ParsableArguments {
  static let help = ArgumentHelp(
    "The generator's weights, its .yaml beside; or a model that 'tessera weights' fetched.",
    valueName: "file")

  @Option(help: help, completion: .file())
  var vqgan: String?

  /// Files that are read with the weights, and the weights.
  var files: [String] {
    get throws { CheckpointFiles.all(of: try path) }
  }

  /// The weights' path: the starter's unless one was named.
  var path: String {
    get throws {
      try vqgan.map { try WeightLibrary.path(of: $0, kind: .vqgan) }
        ?? ModelFiles.starter().generator
    }
  }
}

/// Which perceptor to use, where it is one.
struct PerceptorWeightsOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The perceptor's weights, or a model that 'tessera weights' fetched.", valueName: "file"),
    completion: .file())
  var clip: String?

  /// Files that are read with the weights, and the weights.
  var files: [String] {
    get throws { CheckpointFiles.all(of: try path) }
  }

  /// The weights' path: the starter's unless one was named.
  var path: String {
    get throws {
      try clip.map { try WeightLibrary.path(of: $0, kind: .clip) }
        ?? ModelFiles.starter().perceptor
    }
  }
}

/// How a perceptor reads texts.
struct ReadingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The perceptor's vocabulary (bpe_simple_vocab_16e6.txt.gz, merges.txt, tokenizer.json), "
        + "where it does not lie beside it.", valueName: "file"),
    completion: .file())
  var vocabulary: String?

  @Flag(help: "Cut off texts that are longer than the perceptor reads, instead of refusing them.")
  var truncate = false
}

/// Which perceptor to use, where it is one, and how it reads.
struct PerceptorOptions: ParsableArguments {
  @OptionGroup private var weights: PerceptorWeightsOptions
  @OptionGroup private var reading: ReadingOptions

  /// Files that are read with the weights, and the weights.
  var files: [String] {
    get throws { try weights.files + [reading.vocabulary].compactMap { $0 } }
  }

  /// The weights' path.
  var path: String {
    get throws { try weights.path }
  }

  var vocabulary: String? { reading.vocabulary }
  var truncate: Bool { reading.truncate }
}
