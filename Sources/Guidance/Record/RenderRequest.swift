import Foundation
import Models
import TensorGraph

/// Request of a render, as it was asked for: the record in a picture, the head of a saved render.
public struct RenderRequest: Hashable, Sendable {
  /// A CLIP, and how much its distance counts.
  public struct Perceptor: Hashable, Sendable, Codable {
    public var weights: InputFile
    /// Factor of its distance in the loss.
    public var weight: Float
    /// The merges that its tokens come from; nil looks beside it and in the library of downloads.
    public var vocabulary: InputFile?

    public init(_ weights: InputFile, weight: Float = 1, vocabulary: InputFile? = nil) {
      (self.weights, self.weight, self.vocabulary) = (weights, weight, vocabulary)
    }
  }

  /// What a picture is begun from, where no picture is given.
  public enum Start: String, Hashable, Sendable, Codable, CaseIterable {
    /// A picture that a codebook transformer paints of the words, the best of ``starts``.
    case prior
    /// Random codes, of which ``starts`` are tried on small pictures.
    case codes
    /// A picture of random pixels.
    case noise
  }

  /// A codebook transformer, and the VQGAN that paints its codes.
  public struct Prior: Hashable, Sendable, Codable {
    public var transformer: InputFile
    public var vqgan: InputFile

    public init(transformer: InputFile, vqgan: InputFile) {
      (self.transformer, self.vqgan) = (transformer, vqgan)
    }
  }

  /// Prompts that the picture should match: at least one.
  public var prompts: [Prompt]
  /// Texts of the prompts as they were asked for, where choices or wildcards in them were expanded.
  public var promptTemplates: [String] = []
  /// Cuts off what a perceptor does not read of a prompt, instead of refusing it.
  public var truncatesPrompts = false
  /// In pixels; rounded to the generator's factor.
  public var width = 128
  public var height = 128
  /// Optimisation steps, at full size.
  public var steps = 100
  /// Smaller stages that the picture is composed in first; see ``GrowthStage``.
  public var growth: [GrowthStage] = []
  /// Seed of every random draw: the start and the augmentations.
  public var seed: UInt64 = 0
  /// Name of the generator; see ``Generators``.
  public var generator = VQGANGenerator.name
  /// Weights of the generator; nil takes the starter's, if it reads any.
  public var generatorWeights: InputFile?
  /// Empty for the starter's.
  public var perceptors: [Perceptor] = []
  public var cutouts = CutoutConfiguration()
  /// Number of batches the cutouts are run through CLIP in; nil leaves it to the memory there is.
  public var batches: Int?
  /// Name of the optimizer; see ``Optimizers``.
  public var optimizer = Adam.name
  /// Learning rate of the first step, in units of the latent; it falls to an eighth.
  public var learningRate: Float = 0.15
  /// Weights of loss terms beside the prompts', by name; see ``LossTerms``.
  public var losses: [String: Float] = [:]
  /// Colours that the picture is to have; nil for any.
  public var palette: Palette?
  /// Nil takes ``Start/prior`` where there is a transformer and words, else ``Start/codes``.
  public var start: Start?
  /// Starts that are tried, of which the best is taken; 1 takes the first as it comes. Not used with a
  /// picture to start from.
  public var starts = 8
  /// Rounds of ``Start/prior``: each after the first samples again around the best.
  public var rounds = 1
  /// Nil takes the transformer beside the generator's weights.
  public var prior: Prior?
  /// The picture to start from, resized to fit; nil starts from random parameters.
  public var initialImage: InputFile?
  /// How weights and activations are stored; nil leaves it to the device: in full where that fits,
  /// else as fp16.
  public var precision: Precision?

  public init(prompts: [Prompt]) { self.prompts = prompts }

  /// Largest weight of a prompt, perceptor or loss: beyond it a loss in fp32 says nothing.
  static let maxWeight: Float = 1e6
  /// Largest side of a picture, in pixels.
  static let maxSide = 16384

  /// - Throws: ``GuidanceError`` naming the first setting out of range.
  package func validate() throws(GuidanceError) {
    func require(_ condition: Bool, _ message: String) throws(GuidanceError) {
      if !condition { throw .settings(message) }
    }
    try require(!prompts.isEmpty, "there is no prompt: say what the picture should show")
    try require(
      (1...Self.maxSide).contains(width) && (1...Self.maxSide).contains(height),
      "the size \(width)x\(height) is out of range: each side is 1 to \(Self.maxSide) pixels")
    try require(
      (1...1_000_000).contains(steps), "\(steps) steps are out of range: choose 1 to 1000000")
    try require(
      (1...1000).contains(starts), "\(starts) starts are out of range: choose 1 to 1000")
    try require((1...100).contains(rounds), "\(rounds) rounds are out of range: choose 1 to 100")
    try validateGrowth()
    try cutouts.validate()
    try require(
      batches.map { (1...cutouts.count).contains($0) } ?? true,
      "\(batches ?? 0) batches are out of range: choose 1 to \(cutouts.count), the number of cutouts")
    try require(
      learningRate.isFinite && learningRate > 0,
      "the learning rate \(learningRate) is out of range: it must be above 0")
    for perceptor in perceptors {
      try require(
        perceptor.weight.isFinite && perceptor.weight > 0,
        "the weight of \(perceptor.weights.name) is \(perceptor.weight): it must be above 0")
    }
    let paths = perceptors.compactMap { perceptor in
      perceptor.weights.path.map { URL(fileURLWithPath: $0).resolvingSymlinksInPath().path }
    }
    try require(
      Set(paths).count == paths.count, "a perceptor is named twice: give it once, with its weight")
    try require(
      Generators.names.contains(generator),
      "there is no generator '\(generator)'; choose \(Generators.names.joined(separator: ", "))")
    try require(
      generatorWeights == nil || Generators.readsWeights(generator),
      "the generator '\(generator)' reads no weights: leave out \(generatorWeights?.name ?? "")")
    try require(
      prompts.allSatisfy { abs($0.weight) <= Self.maxWeight }
        && perceptors.allSatisfy { $0.weight <= Self.maxWeight },
      "a weight is out of range: choose at most \(Self.maxWeight)")
    _ = try Optimizers.named(optimizer)
    _ = try LossTerms.weighted(losses)
    try require(
      palette.map { (1...256).contains($0.colors.count) && (0...Self.maxWeight).contains($0.weight) }
        ?? true, "the palette is out of range: give 1 to 256 colours and a weight of 0 or more")
  }

  /// The request with the starter's models where none is named, and the vocabularies that are found
  /// where texts are read.
  package func withModels() throws(GuidanceError) -> RenderRequest {
    var request = self
    if generatorWeights == nil, Generators.readsWeights(generator) {
      request.generatorWeights = InputFile(try ModelFiles.starter().generator)
    }
    if perceptors.isEmpty {
      request.perceptors = [Perceptor(InputFile(try ModelFiles.starter().perceptor))]
    }
    request.chooseStart()
    for index in request.perceptors.indices where request.perceptors[index].vocabulary == nil {
      guard prompts.contains(where: { $0.text != nil }),
        let path = request.perceptors[index].weights.path
      else { continue }
      request.perceptors[index].vocabulary = Vocabulary.path(forModel: path).map { InputFile($0) }
    }
    return request
  }

  /// Starts that are tried in all rounds.
  public var startCount: Int { start == .prior ? starts * rounds : starts }

  /// Text that a transformer paints: the first of the prompts with the largest weight.
  var mainText: String? {
    prompts.filter { $0.text != nil && $0.weight > 0 }
      .reduce(nil as Prompt?) { best, prompt in
        best.map { $0.weight >= prompt.weight } ?? false ? best : prompt
      }?.text
  }

  /// Settles ``start``, and the transformer that it takes.
  private mutating func chooseStart() {
    guard initialImage == nil else {
      (start, prior) = (nil, nil)
      return
    }
    if prior == nil, start == nil || start == .prior, let generatorWeights,
      let path = generatorWeights.path,
      let transformer = CodebookTransformerCheckpoint.path(besideVQGAN: path)
    {
      prior = Prior(transformer: InputFile(transformer), vqgan: generatorWeights)
    }
    // Another generator encodes the picture that the starter's transformer paints.
    if prior == nil, start == .prior, let starter = try? ModelFiles.starter().generator,
      let transformer = CodebookTransformerCheckpoint.path(besideVQGAN: starter)
    {
      prior = Prior(transformer: InputFile(transformer), vqgan: InputFile(starter))
    }
    if start == nil { start = prior != nil && mainText != nil ? .prior : .codes }
    if start != .prior { prior = nil }
  }

  /// Applies `change` to every file, with whether it is a checkpoint.
  func mappingFiles<E: Error>(
    _ change: (_ file: InputFile, _ isCheckpoint: Bool) throws(E) -> InputFile
  ) throws(E) -> RenderRequest {
    var request = self
    for index in prompts.indices {
      request.prompts[index] = try prompts[index].mappingFile { file throws(E) in
        try change(file, false)
      }
    }
    if let generatorWeights { request.generatorWeights = try change(generatorWeights, true) }
    if let prior {
      request.prior = Prior(
        transformer: try change(prior.transformer, true), vqgan: try change(prior.vqgan, true))
    }
    for index in perceptors.indices {
      request.perceptors[index].weights = try change(perceptors[index].weights, true)
      if let vocabulary = perceptors[index].vocabulary {
        request.perceptors[index].vocabulary = try change(vocabulary, false)
      }
    }
    if let initialImage { request.initialImage = try change(initialImage, false) }
    return request
  }

  /// Paths of everything that is read: models with their configurations and vocabularies, pictures.
  public var files: [String] {
    var paths: [String] = []
    _ = ((try? withModels()) ?? self).mappingFiles { file, isCheckpoint in
      if let path = file.path { paths += isCheckpoint ? CheckpointFiles.all(of: path) : [path] }
      return file
    }
    return paths
  }

  /// The request with its models at other places.
  /// - Parameters:
  ///   - generator: path of the generator's weights; nil leaves them where they were.
  ///   - perceptors: paths of the perceptors' weights in their order; empty leaves them.
  /// - Throws: ``GuidanceError/inputs(_:)`` for another number of perceptors.
  func moved(
    generator: String?, perceptors paths: [String]
  ) throws(GuidanceError) -> RenderRequest {
    var request = self
    if let generator { request.generatorWeights = generatorWeights?.moved(to: generator) }
    guard !paths.isEmpty else { return request }
    guard paths.count == perceptors.count else {
      throw .inputs(
        "the render has \(perceptors.count) perceptors: give --clip once for each, in their order")
    }
    for (index, path) in paths.enumerated() {
      request.perceptors[index].weights = perceptors[index].weights.moved(to: path)
      if let vocabulary = perceptors[index].vocabulary {
        request.perceptors[index].vocabulary = vocabulary.beside(path)
      }
    }
    return request
  }

  /// The request with every file where its bytes are now: where it was, or in one of `folders`.
  /// - Parameter needsModelsOnly: leaves out what only the start of a render reads.
  /// - Throws: ``GuidanceError/inputs(_:)`` naming every file that is missing or changed.
  package func located(
    in folders: [String], needsModelsOnly: Bool = false
  ) throws(GuidanceError) -> RenderRequest {
    var problems: [String] = []
    var source = self
    if needsModelsOnly { source.prior = nil }
    var request = source.mappingFiles { file, isCheckpoint in
      if needsModelsOnly && !isCheckpoint { return file }
      do throws(GuidanceError) { return try file.located(in: folders) } catch {
        problems.append("\(error)")
        return file
      }
    }
    guard problems.isEmpty else {
      let advice = problems.contains { $0.contains("the picture was painted with") }
        ? ": put the file beside the picture, or name another by its option" : ""
      throw .inputs(problems.joined(separator: "; ") + advice)
    }
    request.prior = request.prior ?? prior
    return request
  }
}

extension RenderRequest: Codable {}
