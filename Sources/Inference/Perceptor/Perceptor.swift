import Dispatch
import Execution
import Foundation
import Imaging
import Models
import TensorGraph

/// A CLIP on a device: pictures and texts in, embeddings out.
///
/// ```swift
/// let perceptor = try Perceptor("clip.safetensors", device: .automatic)
/// let picture = try perceptor.embed(pictures: [Image(contentsOf: "house.png")])[0]
/// let texts = try perceptor.embed(texts: ["a red house", "a blue boat"])
/// let fits = try Similarity.probabilities(of: texts, for: picture, scale: perceptor.logitScale)
/// ```
///
/// Either half of the model is loaded when it is first needed.
public final class Perceptor {
  /// Components of an embedding.
  public var width: Int { checkpoint.configuration.embeddingWidth }

  package let checkpoint: CLIPCheckpoint
  private let device: ComputeDevice
  private let vocabulary: String?
  private var pictureEncoder: PictureEncoder?

  /// - Parameters:
  ///   - path: The weights.
  ///   - vocabulary: The merges that its tokens come from; nil looks beside the weights and in the
  ///     library of downloads.
  /// - Throws: an error that names the file or tensor at fault.
  public init(_ path: String, vocabulary: String? = nil, device: ComputeDevice) throws {
    checkpoint = try CLIPCheckpoint(path: path)
    self.device = device
    self.vocabulary = vocabulary
  }

  /// By what cosines are multiplied before they become probabilities, as learnt in training.
  public var logitScale: Float {
    get throws {
      var logarithm: [Float] = [0]
      // One number, which some versions of the original store as a list of one.
      let tensor = try (try? checkpoint.weights.tensor("logit_scale", shape: [1]))
        ?? checkpoint.weights.tensor("logit_scale", shape: [])
      try logarithm.withUnsafeMutableBufferPointer { try tensor.read(into: $0) }
      return exp(logarithm[0])
    }
  }

  /// Embeds `texts`: [texts][``width``], not normalised.
  ///
  /// - Parameter truncating: cuts off what the model does not read, instead of refusing.
  /// - Throws: an error naming the text that is too long, or where a vocabulary was looked for.
  public func embed(texts: [String], truncating: Bool = false) throws -> [[Float]] {
    try checkpoint.embed(texts, vocabulary: vocabulary, truncating: truncating, on: device)
  }

  /// Embeds `pictures`, whatever their sizes: [pictures][``width``], not normalised.
  public func embed(pictures: [Image]) throws -> [[Float]] {
    guard !pictures.isEmpty else { return [] }
    // For more pictures than before, one that takes more at once.
    let wanted = min(pictures.count, Self.largestBatch)
    if pictureEncoder == nil || pictureEncoder!.wanted < wanted {
      pictureEncoder = nil
      pictureEncoder = try PictureEncoder(checkpoint, batch: wanted, on: device)
    }
    return try checkpoint.numbers(pictureEncoder!.embed(pictures))
  }

  /// Embeds the pictures of files, as ``embed(pictures:)`` does, a batch at a time.
  /// - Throws: ``ImageError`` for the first that cannot be read.
  public func embed(pictureFiles paths: [String]) throws -> [[Float]] {
    try embeddings(ofPictureFiles: paths).map { try $0.get() }
  }

  /// Embeds the pictures of files, as ``embed(pictures:)`` does, a batch at a time: of each its
  /// embedding, or why it cannot be read.
  /// - Throws: errors of the device.
  public func embeddings(
    ofPictureFiles paths: [String]
  ) throws -> [Result<[Float], ImageError>] {
    var result: [Result<[Float], ImageError>] = []
    for start in stride(from: 0, to: paths.count, by: Self.largestBatch) {
      let pictures = read(Array(paths[start..<min(start + Self.largestBatch, paths.count)]))
      var embeddings = try embed(pictures: pictures.compactMap { try? $0.get() })[...]
      result += pictures.map { picture in picture.map { _ in embeddings.removeFirst() } }
    }
    return result
  }

  /// Decodes pictures on all cores and brings them to the size that the model takes.
  func read(_ paths: [String]) -> [Result<Image, ImageError>] {
    let side = checkpoint.configuration.imageSize
    return [Result<Image, ImageError>](unsafeUninitializedCapacity: paths.count) { buffer, count in
      nonisolated(unsafe) let results = buffer
      DispatchQueue.concurrentPerform(iterations: paths.count) { number in
        results.initializeElement(
          at: number,
          to: Result { () throws(ImageError) in
            try Image(contentsOf: paths[number]).perceptorInput(side: side)
          })
      }
      count = paths.count
    }
  }

  /// Pictures or texts that go through the model at once.
  package static let largestBatch = 32
}

extension CLIPCheckpoint {
  /// Embeds `pictures` on `device`, whatever their sizes: [pictures][components], not normalised.
  /// - Throws: ``InferenceError``; errors of the device.
  package func embed(_ pictures: [Image], on device: ComputeDevice) throws -> [[Float]] {
    guard !pictures.isEmpty else { return [] }
    let batch = min(pictures.count, Perceptor.largestBatch)
    return try numbers(PictureEncoder(self, batch: batch, on: device).embed(pictures))
  }
}

/// The half of a CLIP that sees, compiled for a number of pictures at once.
private final class PictureEncoder {
  /// Pictures at once that it was asked for; `batch` are what the device has room for.
  let wanted: Int
  private let batch: Int
  private let side: Int
  private let width: Int
  private let executable: any Executable

  /// Takes fewer pictures at once where the device has no room for `batch`.
  init(_ checkpoint: CLIPCheckpoint, batch: Int, on device: ComputeDevice) throws {
    side = checkpoint.configuration.imageSize
    width = checkpoint.configuration.embeddingWidth
    wanted = batch
    var batch = batch
    while true {
      let graph = Graph()
      let model = try CLIP(checkpoint, in: graph)
      let pictures = graph.input("pictures", [batch, side, side, 3])
      graph.output("embeddings", model.image(model.normalized(pictures)))
      do {
        executable = try device.compile(graph)
        self.batch = batch
        return
      } catch let error as ExecutionError where error.shortage > 0 && batch > 1 {
        batch /= 2
      }
    }
  }

  func embed(_ pictures: [Image]) throws -> [[Float]] {
    var result: [[Float]] = []
    for start in stride(from: 0, to: pictures.count, by: batch) {
      let part = pictures[start..<min(start + batch, pictures.count)]
      var samples = part.flatMap { $0.perceptorInput(side: side).pixels }
      samples += [Float](repeating: 0, count: (batch - part.count) * side * side * 3)
      try executable.write("pictures", samples)
      try executable.step()
      let values = try executable.read("embeddings")
      result += part.indices.map { Array(values[($0 - start) * width..<($0 - start + 1) * width]) }
    }
    return result
  }
}
