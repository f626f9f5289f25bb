import TensorGraph

/// A codebook that follows the vectors which choose it: each code is the running mean of its vectors,
/// and a code that hardly any chooses is moved onto a vector of the batch.
///
/// Running means: van den Oord et al., "Neural Discrete Representation Learning" (2017), appendix
/// A.1, with the smoothing of counts of taming-transformers' `EMAVectorQuantizer`. Restart: Dhariwal
/// et al., "Jukebox" (2020), as `vector-quantize-pytorch` does it.
struct CodebookUpdate {
  /// Names of its variables.
  static let countsName = "codebook/counts"
  static let sumsName = "codebook/sums"
  /// Input of positions whose vectors take the place of dead codes, int32 [K].
  static let restartsName = "restarts"
  /// Share of an even share of the vectors below which a code is dead.
  static let deadShare: Float = 0.03
  private static let epsilon: Float = 1e-5

  /// Vectors a step that chose each code, running mean, [K]; after this step.
  let counts: Tensor
  /// Share of the codes that are not dead, a scalar.
  let shareUsed: Tensor

  /// - Parameters:
  ///   - codebook: [K,D], a variable.
  ///   - vectors: [P,D] of this step.
  ///   - codes: int32 [P], chosen by them.
  ///   - decay: of the running means.
  ///   - isTrained: whether the codebook's first value is worth keeping. If not, all codes start as
  ///     vectors of the first batch.
  ///   - updatesCodebook: gives the codebook its new value. If not, only its use is counted.
  init(
    statisticsOf codebook: Tensor, vectors: Tensor, codes: Tensor, decay: Float, isTrained: Bool,
    updatesCodebook: Bool
  ) {
    let graph = codebook.graph
    let (count, depth) = (codebook.shape[0], codebook.shape[1])
    let positions = Float(vectors.shape[0])
    let fairShare = positions / Float(count)
    let first: Float = isTrained ? fairShare : 0
    let least = Self.deadShare * fairShare
    let start = graph.trace.initialValues[codebook.id] ?? .zeros
    let countsBefore = graph.variable(
      Self.countsName, [count, 1], .float32, .values(Array(repeating: first, count: count)))
    let vectors = vectors.detached()
    let chosen = graph.apply(
      GatherGradTable(rows: count), [graph.fill(1, [vectors.shape[0], 1]), codes])
    let newCounts = countsBefore * decay + chosen * (1 - decay)
    let isAlive = newCounts.greaterOrEqual(newCounts.fullLike(least))  // [K,1]
    shareUsed = isAlive.mean()
    guard updatesCodebook else {
      graph.update(countsBefore, to: newCounts)
      counts = newCounts.reshaped([count])
      return
    }

    let sumsBefore = graph.variable(
      Self.sumsName, [count, depth], .float32,
      .reader { buffer in
        try start.read(into: buffer)
        for index in buffer.indices { buffer[index] *= first }
      })

    let total = graph.apply(GatherGradTable(rows: count), [vectors, codes])
    let newSums = sumsBefore * decay + total * (1 - decay)

    let restarts = vectors.gathered(graph.input(Self.restartsName, [count], .int32))  // [K,D]
    let keptCounts = isAlive.select(newCounts, newCounts.fullLike(least))
    let keptSums = isAlive.broadcast(to: [count, depth]).select(newSums, restarts * least)
    let all = keptCounts.sum(axes: [0])
    let smoothed = (keptCounts + Self.epsilon) / (all + Float(count) * Self.epsilon) * all
    graph.update(countsBefore, to: keptCounts)
    graph.update(sumsBefore, to: keptSums)
    graph.update(codebook, to: keptSums / smoothed)
    counts = keptCounts.reshaped([count])
  }

  /// Positions for ``restartsName``: drawn by (seed, step).
  static func restarts(count: Int, positions: Int, seed: UInt64, step: Int) -> [Int32] {
    let draw = RandomUniform(
      shape: [count], key: RandomKey(seed: seed, purpose: RandomPurpose.deadCodes))
    let step = HostTensor<Float>(shape: [1], [Float(step)])
    return draw.evaluate([step], type: TensorType([count])).values.map {
      Int32(min(Int($0 * Float(positions)), positions - 1))
    }
  }
}

extension Tensor {
  /// e to the entropy of the distribution that these counts [K] have: the number of codes that would
  /// be as diverse if all were chosen alike; a scalar.
  func perplexity() -> Tensor {
    let share = self / sum(axes: [0])
    return (-(share * (share + 1e-10).logarithm()).sum(axes: [0])).exponential().reshaped([])
  }
}
