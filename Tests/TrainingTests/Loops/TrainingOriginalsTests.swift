import Execution
import Foundation
import Models
import Support
import TensorGraph
import TestSupport
import Testing
import Training

/// Training steps against PyTorch's on the originals' models; see Fixtures/make_training.py.
@Suite struct TrainingOriginalsTests {
  /// The CPU path and one OpenCL device; `make large` has all.
  private static let devices = {
    let all = ComputeDevice.all().filter { $0.isUsable }
    let isLarge = ProcessInfo.processInfo.environment["TESSERA_LARGE"] != nil
    return isLarge ? all : Array(all.prefix(2))
  }()

  private func originals(_ name: String) throws -> Originals {
    try Originals(path: Originals.root + "/Tests/Fixtures/training/\(name).safetensors")
  }

  // MARK: - VQGAN

  private var vqganSettings: VQGANSettings {
    var s = VQGANSettings()
    (s.size, s.batch, s.baseChannels, s.channelMultipliers) = (32, 4, 16, [1, 2])
    (s.attentionResolutions, s.latentChannels, s.codeChannels) = ([16], 16, 8)
    (s.codes, s.normalizationGroups, s.codebook) = (32, 8, .gradient)
    (s.rate, s.warmup, s.finalShare, s.steps) = (2e-5, 0, 1, 100)
    (s.adversarialStart, s.adversarialWeight) = (1, 0.8)
    s.discriminator = PatchDiscriminatorConfiguration(layers: 2, baseChannels: 8)
    return s
  }

  private func vqganBatch(_ step: Int) -> Batch {
    Batch(pictures: Wave.bytes("pictures \(step)", 4 * 32 * 32 * 3), captions: [])
  }

  @Test(arguments: devices) func gradientsOfAVQGAN(_ device: ComputeDevice) throws {
    let graph = try VQGANGraph(
      vqganSettings, initial: Wave.weights, isTrained: false, discriminator: Wave.weights,
      perceptual: nil)
    for (name, gradient) in graph.gradients { graph.graph.output("gradient/" + name, gradient) }
    let program = try device.compile(graph.graph)
    try program.write("pictures", bytes: vqganBatch(0).pictures)
    try program.write("adversarial factor", [0.8])
    try program.write("rate", [2e-5])
    try program.step()
    try expectAllGradients(graph.gradients.keys, of: program, as: originals("vqgan"))
  }

  @Test(arguments: devices) func lossesOfAVQGAN(_ device: ComputeDevice) throws {
    let training = try VQGANTraining(
      vqganSettings, trained: Wave.weights, discriminator: Wave.weights, perceptual: nil, on: device)
    let names = ["l1", "commitment", "adversarial", "adaptive weight", "discriminator"]
    let steps = device.id == ComputeDevice.cpu.id ? 100 : 10
    let ours = try (0..<steps).flatMap { step in
      try training.step(vqganBatch(step))
      let metrics = try training.metrics()
      return names.map { name in metrics.first { $0.name == name }!.value }
    }
    try expectLosses(ours, names, as: originals("vqgan"))
  }

  @Test(arguments: [false, true]) func runningStatisticsOfADiscriminator(
    _ followsOriginal: Bool
  ) throws {
    let training = try VQGANTraining(
      followsOriginal ? originalSettings : vqganSettings, trained: Wave.weights,
      discriminator: Wave.weights, perceptual: nil, on: .cpu)
    for step in 0..<10 { try training.step(vqganBatch(step)) }
    let state = try training.snapshot()
    let originals = try originals(followsOriginal ? "vqgan-original" : "vqgan")
    for layer in [3, 6] {
      for name in ["main.\(layer).running_mean", "main.\(layer).running_var"] {
        let expected = try originals.floats("running/" + name)
        let ours = try #require(state["discriminator/" + name]).values
        let largest = expected.map(abs).max()!
        for (a, b) in zip(ours, expected) { #expect(abs(a - b) < 1e-4 * largest, "\(name)") }
      }
    }
  }

  // MARK: - VQGAN as by the original

  /// First step in which the discriminator counts, from 0.
  private static let originalStart = 2

  private var originalSettings: VQGANSettings {
    var s = vqganSettings
    s.followOriginal()
    (s.rate, s.adversarialStart) = (2e-5, Self.originalStart + 1)
    return s
  }

  @Test(arguments: devices) func gradientsAsByTheOriginal(_ device: ComputeDevice) throws {
    let vqgan = try VQGANGraph(
      originalSettings, initial: Wave.weights, isTrained: false, discriminator: Wave.weights,
      perceptual: nil)
    let discriminator = try DiscriminatorGraph(
      originalSettings, initial: Wave.weights, discriminator: Wave.weights)
    let store = VariableStore()
    let programs = try [
      (vqgan.graph, vqgan.gradients), (discriminator.graph, discriminator.gradients),
    ].map { graph, gradients in
      for (name, gradient) in gradients { graph.output("gradient/" + name, gradient) }
      return try device.compile(device.plan(graph), variables: store)
    }
    for step in 0...Self.originalStart {
      let factor: Float = step < Self.originalStart ? 0 : 1
      try programs[0].write("adversarial factor", [0.8 * factor])
      try programs[1].write("discriminator factor", [factor])
      for program in programs {
        try program.write("pictures", bytes: vqganBatch(step).pictures)
        try program.write("rate", [2e-5])
        try program.step()
      }
    }
    let originals = try originals("vqgan-original")
    try expectGradients(vqgan.gradients.keys, of: programs[0], as: originals)
    try expectGradients(discriminator.gradients.keys, of: programs[1], as: originals)
    #expect(
      vqgan.gradients.count + discriminator.gradients.count
        == originals.names.filter { $0.hasPrefix("gradient/") }.count)
  }

  @Test(arguments: devices) func lossesAsByTheOriginal(_ device: ComputeDevice) throws {
    let training = try VQGANTraining(
      originalSettings, trained: Wave.weights, discriminator: Wave.weights, perceptual: nil,
      on: device)
    let names = ["l1", "commitment", "adversarial", "adaptive weight", "discriminator"]
    // In the sixth step rounding decides on which side of 0, where its slope changes, an activation of
    // the discriminator is.
    let ours = try (0..<5).flatMap { step in
      try training.step(vqganBatch(step))
      let metrics = try training.metrics()
      return names.map { name in metrics.first { $0.name == name }!.value }
    }
    try expectLosses(ours, names, as: originals("vqgan-original"))
  }

  @Test(arguments: 1...5) func verdicts(_ layers: Int) throws {
    let originals = try originals("vqgan")
    let names = originals.names.filter { $0.hasPrefix("map/\(layers)/") }
    #expect(names.count == 2)
    for name in names {
      let size = name.split(separator: "/")[2].split(separator: "x").map { Int($0)! }
      let graph = Graph()
      let network = try PatchDiscriminator(
        PatchDiscriminatorConfiguration(layers: layers, baseChannels: 8),
        ModelWeights(TrainableWeights("judge", initial: Wave.weights), in: graph))
      let shape = [1, size[0], size[1], 3]
      let map = network(graph.input("picture", shape))
      #expect(Array(map.shape[1...2]) == (try originals.shape(name)))
      graph.output("map", map)
      let program = try ComputeDevice.cpu.compile(graph)
      try program.write("picture", Wave.values("map", shape.elementCount, 1))
      try program.step()
      let expected = try originals.floats(name)
      let largest = expected.map(abs).max()!
      for (a, b) in zip(try program.read("map"), expected) {
        #expect(abs(a - b) < 1e-4 * largest)
      }
    }
  }

  // MARK: - CLIP

  private var clipSettings: CLIPSettings {
    var s = CLIPSettings()
    (s.size, s.patch, s.imageWidth, s.imageLayers) = (32, 8, 64, 2)
    (s.textWidth, s.textLayers, s.contextLength, s.embedding) = (64, 2, 8, 32)
    (s.batch, s.rate, s.warmup, s.steps) = (6, 1e-3, 0, 200)
    return s
  }

  private static let words = 520

  /// Inputs of a step, as the script draws them.
  private func write(_ step: Int, to program: any Executable) throws {
    try program.write("pictures", bytes: Wave.bytes("pairs \(step)", 6 * 32 * 32 * 3))
    var tokens = Wave.values("tokens \(step)", 6 * 8, 500).map { Int32(abs($0)) }
    for row in 0..<6 {
      tokens[row * 8] = Int32(Self.words - 2)
      tokens[row * 8 + 6] = Int32(Self.words - 1)
      tokens[row * 8 + 7] = 0
    }
    try program.write("tokens", integers: tokens)
    try program.write("ends", integers: (0..<6).map { Int32($0 * 8 + 6) })
    try program.write("rate", [1e-3])
  }

  private func clipGraph() throws -> CLIPGraph {
    let scale = Float(log(1 / 0.07))
    return try CLIPGraph(
      clipSettings, clipSettings.configuration(vocabularySize: Self.words),
      initial: .computed { $0 == "logit_scale" ? [scale] : Wave.weight($0, $1) })
  }

  @Test(arguments: devices) func gradientsOfACLIP(_ device: ComputeDevice) throws {
    let graph = try clipGraph()
    for (name, gradient) in graph.gradients { graph.graph.output("gradient/" + name, gradient) }
    let program = try device.compile(graph.graph)
    try write(0, to: program)
    try program.step()
    try expectAllGradients(graph.gradients.keys, of: program, as: originals("clip"))
  }

  @Test(arguments: devices) func lossesOfACLIP(_ device: ComputeDevice) throws {
    let program = try device.compile(try clipGraph().graph)
    let steps = device.id == ComputeDevice.cpu.id ? 200 : 20
    let ours = try (0..<steps).flatMap { step in
      try write(step, to: program)
      try program.step()
      return try program.read(["loss", "scale"]).map { $0[0] }
    }
    try expectLosses(ours, ["loss", "scale"], as: originals("clip"))
  }

  // MARK: - Codebook transformer

  private static let transformerWeights = InitialWeights.computed(
    contains: { $0 == "head.weight" }, Wave.weight)

  /// 5 tokens of a condition, 12 codes.
  private func transformer(heads: Int, unmasked: Int = 0) -> CodebookTransformerConfiguration {
    CodebookTransformerConfiguration(
      codes: 40, tokens: 40, positions: 16, layers: 3, heads: heads, width: 64, unmasked: unmasked,
      condition: .picture, conditionLength: 5, rows: 3, columns: 4)
  }

  /// Four sequences of 17 tokens.
  private func transformerTokens(_ step: Int) -> [[Int32]] {
    let tokens = Wave.values("codes \(step)", 4 * 17, 20).map { value in
      Int32(min(max((value + 20).rounded(.down), 0), 39))
    }
    return (0..<4).map { Array(tokens[$0 * 17..<($0 + 1) * 17]) }
  }

  private var transformerGraph: TransformerGraph {
    get throws {
      var s = TransformerSettings()
      (s.batch, s.rate, s.warmup, s.finalShare, s.steps) = (4, 1e-3, 0, 1, 100)
      (s.width, s.layers, s.clipping) = (64, 3, 1e9)
      return try TransformerGraph(
        s, transformer(heads: 1), initial: Self.transformerWeights)
    }
  }

  private func write(_ sequences: [[Int32]], to program: any Executable) throws {
    try program.write("tokens", integers: sequences.flatMap { $0.dropLast() })
    try program.write("targets", sequences.flatMap { $0.dropFirst(5).map(Float.init) })
    try program.write("rate", [1e-3])
  }

  @Test(arguments: devices, [0, 3, 5])
  func logitsOfATransformer(_ device: ComputeDevice, unmasked: Int) throws {
    let graph = Graph()
    let model = try CodebookTransformer(
      transformer(heads: 2, unmasked: unmasked),
      ModelWeights(TrainableWeights("t", initial: Self.transformerWeights), in: graph))
    let tokens = graph.input("tokens", [4 * 16], .int32)
    graph.output("logits", model.logits(tokens: tokens, count: 4, told: 0..<16))
    let program = try device.compile(graph)
    try program.write("tokens", integers: transformerTokens(0).flatMap { $0.dropLast() })
    try program.step()
    let expected = try originals("transformer").floats("logits/\(unmasked)")
    let ours = try program.read("logits")
    let largest = expected.map(abs).max()!
    #expect(ours.count == expected.count)
    for (a, b) in zip(ours, expected) { #expect(abs(a - b) < 1e-4 * largest) }
  }

  @Test(arguments: devices) func gradientsOfATransformer(_ device: ComputeDevice) throws {
    let graph = try transformerGraph
    for (name, gradient) in graph.gradients { graph.graph.output("gradient/" + name, gradient) }
    let program = try device.compile(graph.graph)
    try write(transformerTokens(0), to: program)
    try program.step()
    try expectGradients(graph.gradients.keys, of: program, as: originals("transformer"))
  }

  @Test(arguments: devices) func lossesOfATransformer(_ device: ComputeDevice) throws {
    let program = try device.compile(try transformerGraph.graph)
    let steps = device.id == ComputeDevice.cpu.id ? 100 : 10
    let ours = try (0..<steps).map { step in
      try write(transformerTokens(step), to: program)
      try program.step()
      return try program.read("loss")[0]
    }
    try expectLosses(ours, ["loss"], as: originals("transformer"))
  }

  // MARK: - Comparison

  private func expectAllGradients(
    _ names: some Collection<String>, of program: any Executable, as originals: Originals
  ) throws {
    #expect(names.count == originals.names.filter { $0.hasPrefix("gradient/") }.count)
    try expectGradients(names, of: program, as: originals)
  }

  /// Every gradient to a thousandth of its largest element.
  private func expectGradients(
    _ names: some Collection<String>, of program: any Executable, as originals: Originals
  ) throws {
    for name in names.sorted() {
      let expected = try originals.floats("gradient/" + name)
      let largest = try originals.floats("largest/" + name)[0]
      let ours = try program.read("gradient/" + name)
      let stride = max(1, ours.count / 48)
      // A bias in front of a normalisation has no gradient but for rounding.
      guard largest > 1e-9 else { continue }
      for (index, value) in expected.enumerated() {
        #expect(
          abs(ours[index * stride] - value) < 1e-3 * largest,
          "\(name)[\(index * stride)]: \(ours[index * stride]), not \(value)")
      }
    }
  }

  /// The first ten steps to a thousandth of the loss; all of them no further off than twice PyTorch in
  /// single precision.
  private func expectLosses(
    _ ours: [Float], _ names: [String], as originals: Originals
  ) throws {
    let expected = try originals.floats("losses")
    let single = try originals.floats("losses.single")
    for (column, name) in names.enumerated() {
      let indices = Array(stride(from: column, to: ours.count, by: names.count))
      let largest = indices.map { abs(expected[$0]) }.max()!
      for index in indices.prefix(10) {
        #expect(
          abs(ours[index] - expected[index]) < 1e-3 * largest,
          "\(name) of step \(index / names.count): \(ours[index]), not \(expected[index])")
      }
      let ourDistance = indices.map { abs(ours[$0] - expected[$0]) }.max()! / largest
      let singleDistance = indices.map { abs(single[$0] - expected[$0]) }.max()! / largest
      #expect(
        ourDistance < 2 * singleDistance + 1e-5,
        "\(name): \(ourDistance) from fp64, PyTorch's fp32 \(singleDistance)")
    }
  }
}

/// Numbers that the script draws, too: scale · sin(i² / 7 + i + crc32(name) / 1000).
private enum Wave {
  static func values(_ name: String, _ count: Int, _ scale: Double) -> [Float] {
    let phase = Double(Array(name.utf8).withUnsafeBytes { crc32($0) } % 100_000) / 1000
    return (0..<count).map {
      let i = Double($0)
      return Float(scale * sin(i * i / 7 + i + phase))
    }
  }

  static func bytes(_ name: String, _ count: Int) -> [UInt8] {
    values(name, count, 127.5).map { UInt8(($0 + 127.5).rounded(.down)) }
  }

  static func weight(_ name: String, _ shape: Shape) -> [Float] {
    let fanIn = Double(shape.dropFirst().reduce(1, *))
    let scale = shape.count < 2 ? 0.02 : 1.2 / fanIn.squareRoot()
    let values = values(name, shape.elementCount, scale)
    let isGain = shape.count == 1 && !name.hasSuffix("bias")
      && ["norm", "ln_", ".weight", "var"].contains { name.contains($0) }
    return isGain ? values.map { $0 + 1 } : values
  }

  static let weights = InitialWeights.computed(weight)
}
