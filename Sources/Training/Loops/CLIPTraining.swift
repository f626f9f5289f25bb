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
  private let program: any Executable
  private var evaluation: (any Executable)?
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
    let step = try CLIPGraph(
      settings, configuration, initial: initial ?? .clip(configuration, seed: settings.seed))
    names = step.weights.weights.map(\.name)
    program = try programs.compile(step.graph)
  }

  package func step(_ batch: Batch) throws {
    try program.write("rate", [settings.schedule.rate(after: stepsDone)])
    try write(batch, to: program)
    try program.step()
    stepsDone += 1
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
    let names = ["loss", "gradient", "scale"]
    return try zip(names, program.read(names)).map { Metric($0, $1[0]) }
  }

  package func snapshot() throws -> [String: HostTensor<Float>] { try programs.snapshot() }

  package func restore(_ state: [String: HostTensor<Float>]) throws {
    try programs.restore(state)
    stepsDone = Int(try program.read("step")[0])
  }

  /// The share of captions that find their picture first, and in the first five, among the others of
  /// their batch; and what chance would give.
  package func evaluate(_ batches: [Batch]) throws -> [Metric] {
    guard !batches.isEmpty else { return [] }
    if evaluation == nil {
      let graph = Graph()
      let weights = TrainableWeights(
        CLIPGraph.model, initial: .clip(configuration, seed: settings.seed))
      let embeddings = try CLIPEmbeddings(configuration, weights, batch: settings.batch, in: graph)
      graph.output("images", embeddings.images)
      graph.output("texts", embeddings.texts)
      evaluation = try programs.compile(graph)
    }
    var ranks: [Int] = []
    for batch in batches {
      try write(batch, to: evaluation!)
      try evaluation!.step()
      let values = try evaluation!.read(["images", "texts"])
      ranks += Self.ranks(images: values[0], texts: values[1], count: batch.captions.count)
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
    let values = try program.read(names.map { "\(CLIPGraph.model)/\($0)" })
    let types = program.plan.variables
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
