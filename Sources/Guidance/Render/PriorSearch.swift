import Execution
import Imaging
import Inference
import Models
import TensorGraph

/// Search for a picture to start from among those that a codebook transformer paints of the words: the
/// one that the perceptors find nearest to the prompts is taken.
///
/// In further rounds, half of the best picture's codes, drawn anew each time, are kept and the others
/// sampled again; the best of all rounds is taken.
struct PriorSearch {
  private let prior: RenderRequest.Prior
  private let words: String
  private let models: GuidanceModels
  private let samples: Int
  private let rounds: Int
  private let seed: UInt64
  private let device: ComputeDevice

  /// - Throws: ``GuidanceError/prompt(_:)`` if no prompt has words.
  init(
    _ prior: RenderRequest.Prior, _ request: RenderRequest, models: GuidanceModels,
    on device: ComputeDevice
  ) throws(GuidanceError) {
    guard let words = request.mainText else {
      throw .prompt("--start prior paints words, and no prompt has any: choose --start codes")
    }
    (self.prior, self.words, self.models, self.device) = (prior, words, models, device)
    (samples, rounds, seed) = (request.starts, request.rounds, request.seed)
  }

  /// The best of the samples, and how many were tried.
  /// - Parameters:
  ///   - targets: of the prompts; see ``GuidanceModels/promptEmbeddings(on:)``.
  ///   - onStart: called for every sample with its number, from 1, and its distance; the search ends
  ///     when it returns false.
  func best(
    _ targets: [[[Float]]], onStart: (Int, Float) -> Bool
  ) throws -> (picture: Image, tried: Int) {
    let sampler = try CodebookSampler(
      transformer: CodebookTransformerCheckpoint(path: prior.transformer.readPath),
      vqgan: VQGANCheckpoint(path: prior.vqgan.readPath), rows: min(samples, 8), device: device)
    var request = SamplingRequest()
    request.conditions = Array(repeating: try sampler.condition(ofWords: words), count: samples)
    request.anyPicture = try sampler.condition(ofWords: nil)
    request.guidance = SamplingRequest.usualGuidance
    request.distribution.topP = SamplingRequest.usualTopP
    request.seed = seed
    var best: (codes: [Int32], picture: Image, distance: Float)?
    var tried = 0
    for round in 0..<rounds {
      request.firstPicture = round * samples
      request.given = best.map { kept(of: $0.codes, round: round) }
      let codes = try sampler.codes(request)
      let pictures = try sampler.pictures(ofCodes: codes)
      let distances = try models.distances(of: pictures, to: targets, on: device)
      for (index, distance) in distances.enumerated() {
        if distance < best?.distance ?? .infinity {
          best = (codes[index], pictures[index], distance)
        }
        tried += 1
        guard onStart(tried, distance) else { return (best!.picture, tried) }
      }
    }
    return (best!.picture, tried)
  }

  /// Half of the codes, drawn by (seed, round); nil where one is to be sampled again.
  private func kept(of codes: [Int32], round: Int) -> [Int32?] {
    let random = Philox(seed: seed)
    return codes.enumerated().map { position, code in
      let words = random.words([UInt32(position), UInt32(round), 0, RandomPurpose.rounds])
      return words.x & 1 == 0 ? code : nil
    }
  }
}
