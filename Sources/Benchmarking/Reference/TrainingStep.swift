import Execution
import Models
import TensorGraph
import Training

/// A step of a training, measured on pictures of noise.
package enum TrainingStep: StepWork {
  case vqgan(VQGANSettings)
  case clip(CLIPSettings)
  case transformer(TransformerSettings)

  /// VQGAN of factor 8, 7 million weights, on 8 pictures of 128x128; Benchmarks/peers/train.py has
  /// the same sizes.
  package static var referenceVQGAN: VQGANSettings {
    var settings = VQGANSettings()
    (settings.channelMultipliers, settings.blocksPerResolution) = ([1, 2, 4, 5], 2)
    settings.codebook = .gradient
    return settings
  }

  /// CLIP with a vision transformer 64/8, 12 million weights, on 256 pairs.
  package static var referenceCLIP: CLIPSettings {
    var settings = CLIPSettings()
    settings.imageWidth = 320
    return settings
  }

  /// Codebook transformer of 10 million weights on 16 pictures of 16x16 codes.
  package static var referenceTransformer: TransformerSettings {
    var settings = TransformerSettings()
    (settings.width, settings.batch) = (320, 16)
    return settings
  }

  /// 1024 codes, 4096 tokens of words.
  private static func configuration(
    _ s: TransformerSettings
  ) -> CodebookTransformerConfiguration {
    s.configuration(referenceVQGAN.configuration, wordCount: 4096)
  }

  package var precision: Precision { .full }

  package var title: String {
    switch self {
    case .vqgan(let s):
      "One step of a VQGAN's training with its discriminator: \(s.batch) pictures of \(s.size)x\(s.size)"
    case .clip(let s): "One step of a CLIP's training: \(s.batch) pictures of \(s.size)x\(s.size)"
    case .transformer(let s):
      "One step of a codebook transformer's training: codes of \(s.batch) pictures of "
        + "\(s.size)x\(s.size)"
    }
  }

  package var record: WorkRecord {
    let (kind, s): (String, any ModelSettings) =
      switch self {
      case .vqgan(let s): ("train-vqgan", s)
      case .clip(let s): ("train-clip", s)
      case .transformer(let s): ("train-transformer", s)
      }
    return WorkRecord(kind: kind, width: s.size, height: s.size, batch: s.batch, precision: precision)
  }

  package func plan(on device: ComputeDevice) throws -> Plan {
    switch self {
    case .vqgan(let settings):
      return try device.plan(
        VQGANGraph(
          settings, initial: .vqgan(settings.configuration, seed: 0), isTrained: false,
          discriminator: .patchDiscriminator(seed: 0), perceptual: nil
        ).graph)
    case .clip(let settings):
      let configuration = settings.configuration(vocabularySize: settings.vocabulary)
      return try device.plan(
        CLIPGraph(settings, configuration, initial: .clip(configuration, seed: 0)).graph)
    case .transformer(let settings):
      return try device.plan(
        TransformerGraph(
          settings, Self.configuration(settings), initial: .codebookTransformer(seed: 0)
        ).graph)
    }
  }

  package func begin(_ executable: any Executable) throws {
    let noise = Philox(seed: 0)
    func bytes(_ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: noise.words([UInt32($0), 0, 0, 0]).x) }
    }
    try executable.write("rate", [1e-4])
    switch self {
    case .vqgan(let s):
      try executable.write("pictures", bytes: bytes(s.batch * s.size * s.size * 3))
      try executable.write("adversarial factor", [1])
      if s.codebook == .average {
        try executable.write("restarts", integers: (0..<s.codes).map { Int32($0 % s.positions) })
      }
    case .clip(let s):
      try executable.write("pictures", bytes: bytes(s.batch * s.size * s.size * 3))
      let tokens = (0..<s.batch * s.contextLength).map { Int32($0 % s.vocabulary) }
      try executable.write("tokens", integers: tokens)
      let ends = (0..<s.batch).map { Int32($0 * s.contextLength + s.contextLength - 1) }
      try executable.write("ends", integers: ends)
    case .transformer(let s):
      let c = Self.configuration(s)
      let tokens = (0..<s.batch * c.sequenceLength).map { Int32($0 % c.codes) }
      try executable.write("tokens", integers: tokens)
      try executable.write(
        "targets", (0..<s.batch * c.rows * c.columns).map { Float($0 % c.codes) })
    }
  }
}
