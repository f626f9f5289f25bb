import Execution
import Foundation
import Imaging
import Models
import TensorGraph
import Weights

/// Training of a CLIP: pictures and their captions are drawn together, others apart.
package final class CLIPTraining: TrainingLoop {
  package private(set) var stepsDone = 0
  private let settings: CLIPSettings
  private let configuration: CLIPConfiguration
  private let vocabulary: TrainedVocabulary
  private let programs: SharedPrograms
  /// The step, of one program or, in parts, of several.
  private let direct: (any Executable)?
  private let cached: CachedCLIPStep?
  private let embed: any Executable
  /// Names of the weights, in the order of the checkpoint.
  private let names: [String]

  /// - Parameter initial: weights before the first step; nil draws them.
  package init(
    _ settings: CLIPSettings, vocabulary: TrainedVocabulary, initial: InitialWeights? = nil,
    on device: ComputeDevice
  ) throws {
    try settings.validate()
    self.settings = settings
    self.vocabulary = vocabulary
    configuration = settings.configuration(
      vocabularySize: vocabulary.tokenizer.vocabularyCount)
    programs = SharedPrograms(device: device)
    let initial = initial ?? .clip(configuration, seed: settings.seed)
    if settings.parts == 1 {
      direct = try programs.compile(
        CLIPGraph(settings, configuration, initial: initial).graph)
    } else {
      direct = nil
    }
    let (graph, weights) = try Self.embeddings(settings, configuration, initial)
    names = weights.weights.map(\.name)
    embed = try programs.compile(graph)
    cached = settings.parts == 1
      ? nil
      : try CachedCLIPStep(settings, configuration, initial: initial, embed: embed, programs)
  }

  /// Embeddings of a part of the batch as a graph.
  private static func embeddings(
    _ settings: CLIPSettings, _ configuration: CLIPConfiguration, _ initial: InitialWeights
  ) throws -> (graph: Graph, weights: TrainableWeights) {
    let graph = Graph()
    let weights = TrainableWeights(CLIPGraph.model, initial: initial)
    let embeddings = try CLIPEmbeddings(
      configuration, weights, batch: settings.batch / settings.parts, in: graph)
    graph.output("images", embeddings.images)
    graph.output("texts", embeddings.texts)
    // The export reads every weight of this program.
    graph.output("scale", embeddings.scale.exponential())
    return (graph, weights)
  }

  package func step(_ batch: Batch) throws {
    let rate = settings.schedule.rate(after: stepsDone)
    if let direct {
      try direct.write("rate", [rate])
      try write(batch, to: direct)
      try direct.step()
    }
    try cached?.step(rate: rate) { try write(part($0, of: batch), to: $1) }
    stepsDone += 1
  }

  private func part(_ index: Int, of batch: Batch) -> Batch {
    let count = settings.batch / settings.parts
    let length = settings.size * settings.size * Image.channelCount
    let range = index * count..<(index + 1) * count
    return Batch(
      pictures: Array(batch.pictures[range.lowerBound * length..<range.upperBound * length]),
      captions: Array(batch.captions[range]))
  }

  private func write(_ batch: Batch, to program: any Executable) throws {
    try program.write("pictures", bytes: batch.pictures)
    let length = configuration.contextLength
    var tokens: [Int32] = []
    var ends: [Int32] = []
    for (row, caption) in batch.captions.enumerated() {
      let text = try vocabulary.tokenizer.tokens(
        for: caption, contextLength: length, truncating: true)
      let end = text.firstIndex(of: Int32(vocabulary.tokenizer.endToken)) ?? length - 1
      tokens += text
      ends.append(Int32(row * length + end))
    }
    try program.write("tokens", integers: tokens)
    try program.write("ends", integers: ends)
  }

  package func metrics() throws -> [Metric] {
    guard let direct else { return try cached?.metrics() ?? [] }
    let names = ["loss", "gradient", "scale"]
    return try zip(names, direct.read(names)).map { Metric($0, $1[0]) }
  }

  package func snapshot() throws -> [String: HostTensor<Float>] { try programs.snapshot() }

  package func restore(_ state: [String: HostTensor<Float>]) throws {
    try programs.restore(state)
    stepsDone = Int(state["step"]?.values.first ?? 0)
  }

  /// The share of captions that find their picture first, and in the first five, among the others of
  /// their batch; and what chance would give.
  package func evaluate(_ batches: [Batch]) throws -> [Metric] {
    guard !batches.isEmpty else { return [] }
    var ranks: [Int] = []
    for batch in batches {
      var (images, texts): ([Float], [Float]) = ([], [])
      for index in 0..<settings.parts {
        try write(part(index, of: batch), to: embed)
        try embed.step()
        let values = try embed.read(["images", "texts"])
        images += values[0]
        texts += values[1]
      }
      ranks += Self.ranks(images: images, texts: texts, count: batch.captions.count)
    }
    let count = Float(ranks.count)
    return [
      Metric("recall@1", Float(ranks.filter { $0 == 0 }.count) / count),
      Metric("recall@5", Float(ranks.filter { $0 < 5 }.count) / count),
      Metric("chance", 1 / Float(settings.batch)),
    ]
  }

  /// For each text, the number of pictures that are nearer to it than its own.
  static func ranks(images: [Float], texts: [Float], count: Int) -> [Int] {
    let depth = images.count / count
    return (0..<count).map { text in
      let similarities = (0..<count).map { image in
        (0..<depth).reduce(Float(0)) { $0 + images[image * depth + $1] * texts[text * depth + $1] }
      }
      return similarities.filter { $0 > similarities[text] }.count
    }
  }

  package func samples(_ batch: Batch) throws -> Image? { nil }

  /// Writes `model.safetensors`, of halves, and the vocabulary beside it.
  package func export(to folder: String) throws {
    let values = try embed.read(names.map { "\(CLIPGraph.model)/\($0)" })
    let types = embed.plan.variables
    var writer = SafetensorsWriter(
      precision: .float16,
      metadata: ["format": "pt", "tessera.steps": "\(stepsDone)"])
    for (name, values) in zip(names, values) {
      writer.add(name, shape: types["\(CLIPGraph.model)/\(name)"]!.shape) {
        () throws(WeightError) in values
      }
    }
    try vocabulary.write(to: folder + "/merges.txt")
    try writer.write(to: folder + "/model.safetensors")
  }
}
