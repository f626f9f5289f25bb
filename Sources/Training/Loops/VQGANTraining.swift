import Execution
import Foundation
import Imaging
import Models
import Support
import TensorGraph
import Weights

/// Training of a VQGAN: pictures become codes and pictures again, and a discriminator that judges
/// patches learns to tell the two apart.
///
/// Esser, Rombach and Ommer, "Taming Transformers for High-Resolution Image Synthesis" (CVPR 2021).
/// Unlike the original, both networks step at once, from the same pictures: the discriminator's verdict
/// on a painted picture serves both. With ``VQGANSettings/followsOriginal`` they take turns.
package final class VQGANTraining: TrainingLoop {
  package private(set) var stepsDone = 0
  private let settings: VQGANSettings
  private let initial: InitialWeights
  private let discriminator: InitialWeights
  private let isTrained: Bool
  private let perceptual: ((Tensor, Tensor) throws -> Tensor)?
  private let programs: SharedPrograms
  /// The step without and with the discriminator, compiled when it is first needed.
  private var steps: [Bool: (program: any Executable, metrics: [String])] = [:]
  /// The discriminator's step where it is one of its own.
  private var discriminatorStep: (any Executable)?
  private var evaluation: (any Executable)?

  /// - Parameters:
  ///   - trained: weights to begin with; nil draws them.
  ///   - discriminator: weights that it begins with; nil draws them.
  ///   - perceptual: distance of pictures [N,H,W,3] in -1…1, [N]; nil compares pixels alone.
  package init(
    _ settings: VQGANSettings, trained: InitialWeights? = nil,
    discriminator: InitialWeights? = nil, perceptual: ((Tensor, Tensor) throws -> Tensor)?,
    on device: ComputeDevice
  ) throws {
    try settings.validate()
    self.settings = settings
    initial = trained ?? .vqgan(settings.configuration, seed: settings.seed)
    self.discriminator = discriminator ?? .patchDiscriminator(seed: settings.seed)
    isTrained = trained != nil
    self.perceptual = perceptual
    programs = SharedPrograms(device: device)
    // What does not fit into memory is to be known before the first step.
    _ = try compiled(isAdversarial: false)
    if settings.adversarialStart > 0, settings.adversarialStart < settings.steps {
      _ = try programs.device.plan(graph(isAdversarial: true).graph)
      if settings.followsOriginal { _ = try programs.device.plan(discriminatorGraph().graph) }
    }
  }

  private func discriminatorGraph() throws -> DiscriminatorGraph {
    try DiscriminatorGraph(settings, initial: initial, discriminator: discriminator)
  }

  private func graph(isAdversarial: Bool) throws -> VQGANGraph {
    try VQGANGraph(
      settings, initial: initial, isTrained: isTrained,
      discriminator: isAdversarial ? discriminator : nil, perceptual: perceptual)
  }

  private func compiled(
    isAdversarial: Bool
  ) throws -> (program: any Executable, metrics: [String]) {
    if let known = steps[isAdversarial] { return known }
    let graph = try graph(isAdversarial: isAdversarial)
    let step = (program: try programs.compile(graph.graph), metrics: graph.metrics)
    steps[isAdversarial] = step
    if isAdversarial, settings.followsOriginal {
      discriminatorStep = try programs.compile(discriminatorGraph().graph)
    }
    return step
  }

  /// Whether the discriminator learns in the step that follows `done` others.
  private func hasDiscriminator(after done: Int) -> Bool {
    settings.adversarialStart > 0
      && (settings.followsOriginal
        || done + 1 >= settings.adversarialStart - settings.discriminatorLead)
  }

  package func step(_ batch: Batch) throws {
    let isAdversarial = hasDiscriminator(after: stepsDone)
    let program = try compiled(isAdversarial: isAdversarial).program
    let rate = settings.schedule.rate(after: stepsDone)
    let counts = stepsDone + 1 >= settings.adversarialStart
    try program.write("rate", [rate])
    if isAdversarial {
      try program.write("adversarial factor", [counts ? settings.adversarialWeight : 0])
    }
    if settings.codebook == .average {
      try program.write(
        CodebookUpdate.restartsName,
        integers: CodebookUpdate.restarts(
          count: settings.codes, positions: settings.positions, seed: settings.seed,
          step: stepsDone))
    }
    try program.write("pictures", bytes: batch.pictures)
    try program.step()
    if isAdversarial, let discriminatorStep {
      try discriminatorStep.write("rate", [rate])
      try discriminatorStep.write("discriminator factor", [counts ? 1 : 0])
      try discriminatorStep.write("pictures", bytes: batch.pictures)
      try discriminatorStep.step()
    }
    stepsDone += 1
  }

  package func metrics() throws -> [Metric] {
    let isAdversarial = hasDiscriminator(after: stepsDone - 1)
    let (program, names) = try compiled(isAdversarial: isAdversarial)
    let metrics = try zip(names, program.read(names)).map { Metric($0, $1[0]) }
    guard isAdversarial, let discriminatorStep else { return metrics }
    return metrics + [Metric("discriminator", try discriminatorStep.read("discriminator")[0])]
  }

  package func snapshot() throws -> [String: HostTensor<Float>] { try programs.snapshot() }

  package func restore(_ state: [String: HostTensor<Float>]) throws {
    if state["discriminator/step"] != nil { _ = try compiled(isAdversarial: true) }
    try programs.restore(state)
    stepsDone = Int(try compiled(isAdversarial: false).program.read("step")[0])
  }

  /// Pictures and what becomes of them by the running mean of the weights.
  private func evaluated() throws -> any Executable {
    if let evaluation { return evaluation }
    let graph = Graph()
    let weights = averageWeights()
    let vqgan = try VQGAN(settings.configuration, ModelWeights(weights, in: graph))
    let pictures = graph.pictures(settings.batch, side: settings.size) * (2 / 255) - 1
    let latent = vqgan.encode(pictures)
    let codes = vqgan.codes(of: latent)
    let painted = vqgan.decode(
      vqgan.latent(ofCodes: codes, rows: latent.shape[1], columns: latent.shape[2]))
    let limited = painted.maximum(painted.fullLike(-1)).minimum(painted.fullLike(1))
    let axes = [1, 2, 3]
    let difference = (pictures - limited) * 0.5
    graph.output("painted", limited * 0.5 + 0.5)
    graph.output("codes", codes)
    graph.output("squares", (difference * difference).mean(axes: axes).reshaped([-1]))
    if let perceptual { graph.output("perceptual", try perceptual(pictures, limited)) }
    evaluation = try programs.compile(graph)
    return evaluation!
  }

  private func averageWeights() -> TrainableWeights {
    let trainsCodebook = settings.codebook == .gradient
    return TrainableWeights(initial: initial) { name in
      let variable = "\(VQGANGraph.model)/\(name)"
      // A codebook of running means is one already.
      if name == VQGANGraph.codebookName, !trainsCodebook { return variable }
      return "\(WeightUpdate.averagePrefix)/\(variable)"
    }
  }

  /// Peak signal to noise ratio in decibels, perceptual distance, share of the codes in use.
  package func evaluate(_ batches: [Batch]) throws -> [Metric] {
    guard !batches.isEmpty else { return [] }
    let program = try evaluated()
    var ratios: [Float] = []
    var distances: [Float] = []
    var used: Set<Float> = []
    for batch in batches {
      try program.write("pictures", bytes: batch.pictures)
      try program.step()
      let names = ["codes", "squares"] + (perceptual == nil ? [] : ["perceptual"])
      let values = try program.read(names)
      used.formUnion(values[0])
      ratios += values[1].map { -10 * log10(max($0, 1e-10)) }
      if values.count > 2 { distances += values[2] }
    }
    func mean(_ values: [Float]) -> Float { values.reduce(0, +) / Float(max(values.count, 1)) }
    return [Metric("PSNR", mean(ratios))]
      + (distances.isEmpty ? [] : [Metric("perceptual", mean(distances))])
      + [Metric("codes used", Float(used.count) / Float(settings.codes))]
  }

  /// Pictures in a row, and below them what came out.
  package func samples(_ batch: Batch) throws -> Image? {
    let program = try evaluated()
    try program.write("pictures", bytes: batch.pictures)
    try program.step()
    let painted = try program.read("painted")
    let (side, count) = (settings.size, min(settings.batch, 8))
    let length = side * side * Image.channelCount
    let originals = batch.images(count, side: side)
    let copies = (0..<count).map {
      Image(
        width: side, height: side, pixels: Array(painted[$0 * length..<($0 + 1) * length]))
    }
    return .contactSheet(originals + copies, columns: count, gap: 2)
  }

  /// Writes `model.safetensors`, of halves, and its configuration beside it; and
  /// `discriminator.safetensors`, once there is one.
  package func export(to folder: String) throws {
    let program = try evaluated()
    let weights = averageWeights()
    _ = try VQGAN(settings.configuration, ModelWeights(weights, in: Graph()))
    var writer = SafetensorsWriter(
      precision: .float16, metadata: ["format": "pt", "tessera.steps": "\(stepsDone)"])
    let types = program.plan.variables
    let variables = weights.weights.map { ($0.name, weights.variableName($0.name)) }
    for ((name, variable), values) in zip(variables, try program.read(variables.map(\.1))) {
      writer.add(name, shape: types[variable]!.shape) { () throws(WeightError) in values }
    }
    try AtomicFile.write(Data(settings.configuration.yaml.utf8), to: folder + "/model.yaml")
    try writer.write(to: folder + "/model.safetensors")
    try exportDiscriminator(to: folder + "/discriminator.safetensors")
  }

  private func exportDiscriminator(to path: String) throws {
    guard let program = steps[true]?.program else { return }
    let prefix = VQGANGraph.discriminatorModel + "/main."
    let variables = program.plan.variables.filter { name, _ in
      name.hasPrefix(prefix) && !name.hasSuffix(" moment")
    }.sorted { $0.key < $1.key }
    var writer = SafetensorsWriter(metadata: ["format": "pt", "tessera.steps": "\(stepsDone)"])
    for ((name, type), values) in zip(variables, try program.read(variables.map(\.key))) {
      writer.add(
        String(name.dropFirst(VQGANGraph.discriminatorModel.count + 1)), shape: type.shape
      ) { () throws(WeightError) in values }
    }
    try writer.write(to: path)
  }
}
