import Execution
import Foundation
import Imaging
import Models
import TensorGraph

/// Samples pictures' codes from a codebook transformer, and paints them.
///
/// ```swift
/// let sampler = try CodebookSampler(transformer: transformer, vqgan: vqgan, device: .automatic)
/// var request = SamplingRequest()
/// request.conditions = [try sampler.condition(ofWords: "a red fox")]
/// let pictures = try sampler.pictures(ofCodes: sampler.codes(request))
/// ```
///
/// Draws are Philox, keyed by (seed, picture, position); programs take a fixed number of pictures. So a
/// picture's codes are the same however many are sampled with it.
public final class CodebookSampler {
  public let transformer: CodebookTransformerCheckpoint
  public let vqgan: VQGANCheckpoint
  /// Pictures that are sampled at once.
  public let rows: Int
  private let device: ComputeDevice
  /// By the number of sequences.
  private var cached: [Int: CachedPrograms] = [:]
  private var windows: [WindowProgram.Key: WindowProgram] = [:]
  private var decoders: [Shape: any Executable] = [:]
  private var tokenizer: Tokenizer?

  private var configuration: CodebookTransformerConfiguration { transformer.configuration }

  /// - Throws: ``InferenceError/transformer(file:reason:)`` if the transformer is another codebook's.
  public init(
    transformer: CodebookTransformerCheckpoint, vqgan: VQGANCheckpoint, rows: Int = 8,
    device: ComputeDevice
  ) throws {
    guard transformer.configuration.codes <= vqgan.configuration.codeCount else {
      throw InferenceError.transformer(
        file: transformer.file.path,
        reason: "it knows \(transformer.configuration.codes) codes, and \(vqgan.file.path) has "
          + "\(vqgan.configuration.codeCount): give the VQGAN that it was trained on, by --vqgan")
    }
    (self.transformer, self.vqgan, self.rows, self.device) = (transformer, vqgan, rows, device)
  }

  /// Tokens of a caption; nil of any picture.
  /// - Throws: `TokenizerError` if the vocabulary beside the transformer is missing or another's;
  ///   ``InferenceError/transformer(file:reason:)`` if it takes no words.
  public func condition(ofWords text: String?) throws -> [Int32] {
    guard configuration.condition == .words else {
      throw InferenceError.transformer(
        file: transformer.file.path,
        reason: "its condition is \(configuration.condition.rawValue), not words")
    }
    let tokenizer = try self.tokenizer
      ?? Vocabulary.tokenizer(
        forModel: transformer.file.path, size: configuration.wordCount)
    self.tokenizer = tokenizer
    return configuration.condition(ofWords: text.map(tokenizer.encode) ?? [], in: tokenizer)
  }

  // MARK: - Codes

  /// Samples codes, in the order of rows, for each condition.
  ///
  /// Beyond the size that it was trained on, a window of that size slides over the codes.
  /// - Parameters:
  ///   - isInterrupted: asked after every code; the pictures that are done are returned.
  ///   - report: hears codes done and codes in all.
  public func codes(
    _ request: SamplingRequest, isInterrupted: () -> Bool = { false },
    report: (Int, Int) -> Void = { _, _ in }
  ) throws -> [[Int32]] {
    let own = (rows: configuration.rows, columns: configuration.columns)
    let size = (rows: request.rows ?? own.rows, columns: request.columns ?? own.columns)
    let isLarger = size != own
    guard !isLarger || size.rows >= own.rows && size.columns >= own.columns else {
      throw InferenceError.transformer(
        file: transformer.file.path,
        reason: "it paints \(own.rows)×\(own.columns) codes or more, not \(size.rows)×"
          + "\(size.columns)")
    }
    let count = size.rows * size.columns
    precondition(request.given.map { $0.count == count } ?? true, "codes given for another size")
    var result: [[Int32]] = []
    let total = request.conditions.count * count
    for start in stride(from: 0, to: request.conditions.count, by: rows) {
      let part = start..<min(start + rows, request.conditions.count)
      let group = SampledGroup(request, pictures: part, of: rows, codes: count)
      func progress(_ position: Int) -> Bool {
        report(start * count + position * part.count, total)
        return !isInterrupted()
      }
      let isDone = isLarger
        ? try slide(group, size, progress: progress) : try follow(group, progress: progress)
      guard isDone else { return result }
      result += group.codes.prefix(part.count)
    }
    return result
  }

  /// Samples one code after the other, keys and values of those before being kept.
  private func follow(_ group: SampledGroup, progress: (Int) -> Bool) throws -> Bool {
    let programs = try cachedPrograms(group.sequences)
    var logits = try programs.begin(group.conditionTokens)
    let count = configuration.rows * configuration.columns
    for position in 0..<count {
      group.draw(position, logits)
      guard progress(position + 1) else { return position + 1 == count }
      if position + 1 < count {
        logits = try programs.next(
          group.tokens(at: position), at: configuration.conditionLength + position)
      }
    }
    return true
  }

  /// Samples each code behind those before it in a window around it.
  private func slide(
    _ group: SampledGroup, _ size: (rows: Int, columns: Int), progress: (Int) -> Bool
  ) throws -> Bool {
    let own = (rows: configuration.rows, columns: configuration.columns)
    for row in 0..<size.rows {
      let local = SlidingWindow.local(row, of: size.rows, window: own.rows)
      let program = try windowProgram(group.sequences, rows: local + 1)
      for column in 0..<size.columns {
        let localColumn = SlidingWindow.local(column, of: size.columns, window: own.columns)
        let (top, left) = (row - local, column - localColumn)
        // What lies behind the code itself is hidden from it, whatever it is.
        let window = (0..<own.rows).flatMap { i in
          (0..<own.columns).map { j in (top + i) * size.columns + left + j }
        }
        let tokens = group.windowTokens(
          window.prefix((local + 1) * own.columns).dropLast(),
          window: configuration.hasConditionMap ? window : nil)
        let logits = try program.logits(tokens, column: localColumn)
        let position = row * size.columns + column
        group.draw(position, logits)
        guard progress(position + 1) else { return position + 1 == size.rows * size.columns }
      }
    }
    return true
  }

  private func cachedPrograms(_ sequences: Int) throws -> CachedPrograms {
    if let known = cached[sequences] { return known }
    let programs = try CachedPrograms(transformer, sequences: sequences, on: device)
    cached[sequences] = programs
    return programs
  }

  private func windowProgram(_ sequences: Int, rows: Int) throws -> WindowProgram {
    let key = WindowProgram.Key(sequences: sequences, rows: rows)
    if let known = windows[key] { return known }
    let program = try WindowProgram(transformer, key, on: device)
    windows[key] = program
    return program
  }

  // MARK: - Pictures

  /// Paints codes, each of the same number, of `size` or the transformer's own.
  public func pictures(
    ofCodes codes: [[Int32]], size: (rows: Int, columns: Int)? = nil
  ) throws -> [Image] {
    let (rows, columns) = size ?? (configuration.rows, configuration.columns)
    let factor = vqgan.configuration.factor
    let batch = rows * columns > configuration.rows * configuration.columns ? 1 : self.rows
    let shape = [batch, rows, columns]
    let decoder = try decoders[shape] ?? decoder(shape)
    decoders[shape] = decoder
    let length = rows * columns * factor * factor * Image.channelCount
    var pictures: [Image] = []
    for start in stride(from: 0, to: codes.count, by: batch) {
      let part = codes[start..<min(start + batch, codes.count)]
      let unused = [Int32](repeating: 0, count: (batch - part.count) * rows * columns)
      try decoder.write("codes", integers: part.flatMap { $0 } + unused)
      try decoder.step()
      let pixels = try decoder.read("pictures")
      pictures += part.indices.map { index in
        let first = (index - start) * length
        return Image(
          width: columns * factor, height: rows * factor,
          pixels: Array(pixels[first..<first + length]))
      }
    }
    return pictures
  }

  private func decoder(_ shape: Shape) throws -> any Executable {
    let graph = Graph()
    let model = try VQGAN(vqgan, in: graph)
    let codes = graph.input("codes", [shape.elementCount], .int32)
    let latent = model.latent(ofCodes: codes, rows: shape[1], columns: shape[2])
    graph.output("pictures", (0.5 * (model.decode(latent) + 1)).clampedWithGradient(to: 0...1))
    return try device.compile(graph)
  }
}
