import Execution
import Foundation
import Imaging
import Inference
import Models
import Support
import TensorGraph
import Weights

/// Training of a codebook transformer: of the codes of a picture, behind its caption, it learns to
/// foretell each from those before it.
///
/// Pictures of the first steps are encoded by the VQGAN; when there are as many as the settings say,
/// training goes on with their codes, in an order of its own for each pass.
package final class TransformerTraining: TrainingLoop {
  package private(set) var stepsDone = 0
  private let settings: TransformerSettings
  private let configuration: CodebookTransformerConfiguration
  private let vqgan: VQGANCheckpoint
  private let vocabulary: TrainedVocabulary?
  private let initial: InitialWeights
  private let programs: SharedPrograms
  private let program: any Executable
  private let evaluation: any Executable
  private var encoder: (any Executable)?
  private var pairs: EncodedPairs
  /// File that ``restore(_:)`` takes them up from.
  private let encodedFile: String?
  /// Whether ``pairs`` has more than its file.
  private var hasNewPairs = false
  private var order: (epoch: Int, pairs: [Int32])?
  /// Folder that the model was last written into.
  private var exported: String?

  /// - Parameters:
  ///   - vocabulary: of the captions; nil where the condition is none.
  ///   - initial: weights before the first step; nil draws them.
  ///   - encoded: codes that were computed before, of the steps that ``restore(_:)`` will tell.
  package init(
    _ settings: TransformerSettings, vqgan: VQGANCheckpoint, vocabulary: TrainedVocabulary?,
    initial: InitialWeights? = nil, encoded: String? = nil, on device: ComputeDevice
  ) throws {
    try settings.validate(vqgan.configuration)
    self.settings = settings
    self.vqgan = vqgan
    self.vocabulary = vocabulary
    configuration = settings.configuration(
      vqgan.configuration, wordCount: vocabulary?.tokenizer.vocabularyCount ?? 0)
    self.initial = initial ?? .codebookTransformer(seed: settings.seed)
    programs = SharedPrograms(device: device)
    program = try programs.compile(
      TransformerGraph(settings, configuration, initial: self.initial).graph)
    let graph = Graph()
    let weights = Self.average(self.initial)
    graph.output(
      "loss",
      try TransformerGraph.loss(configuration, weights, batch: settings.batch, in: graph))
    evaluation = try programs.compile(graph)
    pairs = EncodedPairs(
      codeCount: configuration.rows * configuration.columns,
      wordCount: vocabulary == nil ? 0 : configuration.conditionLength)
    encodedFile = encoded
  }

  private static func average(_ initial: InitialWeights) -> TrainableWeights {
    TrainableWeights(initial: initial) {
      "\(WeightUpdate.averagePrefix)/\(TransformerGraph.model)/\($0)"
    }
  }

  package var wantsBatch: Bool { stepsDone < settings.encodedSteps }

  package func step(_ batch: Batch) throws {
    let range = try self.range(batch)
    let random = VisitRandom(
      seed: settings.seed, visit: UInt64(stepsDone), purpose: .noise)
    try write(range, to: program, random: random)
    try program.write("rate", [settings.schedule.rate(after: stepsDone)])
    try program.step()
    stepsDone += 1
  }

  /// Pairs of the step that comes next; those of `batch` are encoded if they are not known yet.
  private func range(_ batch: Batch) throws -> [Int] {
    let (count, known) = (settings.batch, settings.encodedSteps)
    guard stepsDone >= known else {
      let (codes, words) = try encode(batch)
      pairs.append(codes: codes, words: words)
      hasNewPairs = true
      return Array(stepsDone * count..<(stepsDone + 1) * count)
    }
    let epoch = stepsDone / known
    if order?.epoch != epoch {
      order = (
        epoch,
        EpochOrder.permutation(
          count: known * count, seed: settings.seed, epoch: epoch, purpose: .pairs)
      )
    }
    let first = stepsDone % known * count
    return order!.pairs[first..<first + count].map(Int.init)
  }

  private func encode(_ batch: Batch) throws -> (codes: [Int32], words: [Int32]) {
    if encoder == nil {
      let graph = Graph()
      let model = try VQGAN(vqgan, in: graph)
      let pictures = graph.pictures(settings.batch, side: settings.size) * (2 / 255) - 1
      graph.output("codes", model.codes(ofEncoded: model.encode(pictures)))
      encoder = try programs.device.compile(graph)
    }
    let encoder = encoder!
    try encoder.write("pictures", bytes: batch.pictures)
    try encoder.step()
    let codes = try encoder.read("codes").map { Int32($0) }
    guard let vocabulary else { return (codes, []) }
    let words = batch.captions.flatMap {
      configuration.condition(ofWords: vocabulary.tokenizer.encode($0), in: vocabulary.tokenizer)
    }
    return (codes, words)
  }

  /// - Parameter random: draws the captions to leave out and the codes to replace; nil does neither.
  private func write(
    _ pairs: [Int], of source: EncodedPairs? = nil, to program: any Executable,
    random: VisitRandom? = nil
  ) throws {
    let (source, c) = (source ?? self.pairs, configuration)
    var random = random
    var tokens: [Int32] = []
    var targets: [Float] = []
    tokens.reserveCapacity(pairs.count * c.sequenceLength)
    for pair in pairs {
      let codes = source.codes(of: pair)
      targets += codes.map(Float.init)
      if let vocabulary {
        let isDropped = random.map { _ in Float(random!.unit()) < settings.dropped } ?? false
        tokens += isDropped
          ? c.condition(ofWords: [], in: vocabulary.tokenizer) : Array(source.words(of: pair))
      } else {
        tokens.append(0)
      }
      guard settings.kept < 1, random != nil else {
        tokens += codes.dropLast()
        continue
      }
      for code in codes.dropLast() {
        let isKept = Float(random!.unit()) < settings.kept
        tokens.append(isKept ? code : Int32(random!.index(below: c.codes)))
      }
    }
    try program.write("tokens", integers: tokens)
    try program.write("targets", targets)
  }

  package func metrics() throws -> [Metric] {
    let names = ["loss", "gradient"]
    return try zip(names, program.read(names)).map { Metric($0, $1[0]) }
  }

  package func snapshot() throws -> [String: HostTensor<Float>] { try programs.snapshot() }

  package func restore(_ state: [String: HostTensor<Float>]) throws {
    try programs.restore(state)
    stepsDone = Int(state["step"]?.values.first ?? 0)
    if let encodedFile {
      pairs = try EncodedPairs(
        readFrom: encodedFile, count: min(stepsDone, settings.encodedSteps) * settings.batch,
        codeCount: pairs.codeCount, wordCount: pairs.wordCount)
    }
  }

  /// Cross entropy with the captions, and without.
  package func evaluate(_ batches: [Batch]) throws -> [Metric] {
    guard !batches.isEmpty else { return [] }
    var (losses, blind): ([Float], [Float]) = ([], [])
    for batch in batches {
      var held = EncodedPairs(codeCount: pairs.codeCount, wordCount: pairs.wordCount)
      var (codes, words) = try encode(batch)
      held.append(codes: codes, words: words)
      let range = Array(0..<settings.batch)
      try write(range, of: held, to: evaluation)
      try evaluation.step()
      losses += try evaluation.read("loss")
      guard let vocabulary else { continue }
      held = EncodedPairs(codeCount: pairs.codeCount, wordCount: pairs.wordCount)
      words = range.flatMap { _ in
        configuration.condition(ofWords: [], in: vocabulary.tokenizer)
      }
      held.append(codes: codes, words: words)
      try write(range, of: held, to: evaluation)
      try evaluation.step()
      blind += try evaluation.read("loss")
    }
    func mean(_ values: [Float]) -> Float { values.reduce(0, +) / Float(values.count) }
    return [Metric("loss", mean(losses))]
      + (blind.isEmpty ? [] : [Metric("loss without words", mean(blind))])
  }

  /// Pictures in a row, and below them what is painted of their captions.
  package func samples(_ batch: Batch) throws -> Image? {
    guard let exported else { return nil }
    let count = min(settings.batch, 8)
    let sampler = try CodebookSampler(
      transformer: CodebookTransformerCheckpoint(path: RunFolder(exported).model), vqgan: vqgan,
      rows: count, device: programs.device)
    var request = SamplingRequest()
    request.seed = settings.seed
    request.conditions = (0..<count).map { index in
      guard let vocabulary else { return [0] }
      return configuration.condition(
        ofWords: vocabulary.tokenizer.encode(batch.captions[index]), in: vocabulary.tokenizer)
    }
    let painted = try sampler.pictures(ofCodes: sampler.codes(request))
    let originals = batch.images(count, side: settings.size)
    return .contactSheet(originals + painted, columns: count, gap: 2)
  }

  /// Writes `model.safetensors`, of halves, with its configuration and its vocabulary beside it, and
  /// the codes that are known.
  package func export(to folder: String) throws {
    let weights = Self.average(initial)
    _ = try CodebookTransformer(configuration, ModelWeights(weights, in: Graph()))
    var writer = SafetensorsWriter(
      precision: .float16,
      metadata: [
        "format": "pt", "tessera.steps": "\(stepsDone)",
        "tessera.vqgan": URL(fileURLWithPath: vqgan.file.path).lastPathComponent,
      ])
    let types = evaluation.plan.variables
    let variables = weights.weights.map { ($0.name, weights.variableName($0.name)) }
    for ((name, variable), values) in zip(variables, try evaluation.read(variables.map(\.1))) {
      writer.add("transformer.\(name)", shape: types[variable]!.shape) {
        () throws(WeightError) in values
      }
    }
    let run = RunFolder(folder)
    if hasNewPairs {
      try pairs.write(to: run.codes)
      hasNewPairs = false
    }
    try vocabulary?.write(to: run.vocabulary)
    try AtomicFile.write(Data(configuration.yaml.utf8), to: folder + "/model.yaml")
    try writer.write(to: run.model)
    exported = folder
  }
}
