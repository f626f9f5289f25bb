import TensorGraph
import TestSupport
import Testing

@Suite struct AttentionTests {
  /// The streamed op against the same attention written with matrices of scores.
  @Test(arguments: [false, true]) func equalsSoftmaxOfScores(causal: Bool) throws {
    let graph = Graph()
    let shape = [2, 5, 3, 4]
    let sources = ["q", "k", "v"].map { graph.input($0, shape) }
    let (q, k, v) = (sources[0], sources[1], sources[2])
    let streamed = q.attention(keys: k, values: v, scale: 0.5, causal: causal)

    // [B,H,T,U,D]
    func spread(_ x: Tensor, asRow: Bool) -> Tensor {
      x.permuted([0, 2, 1, 3])
        .reshaped(asRow ? [2, 3, 5, 1, 4] : [2, 3, 1, 5, 4])
        .broadcast(to: [2, 3, 5, 5, 4])
    }
    var scores = 0.5 * (spread(q, asRow: true) * spread(k, asRow: false)).sum(axes: [4])
    if causal {
      let mask = (0..<25).map { $0 % 5 > $0 / 5 ? -Float.infinity : 0 }
      scores = scores + graph.literal(mask, [5, 5, 1])
    }
    let weights = scores.reshaped([2, 3, 5, 5]).softmax().reshaped([2, 3, 5, 5, 1])
    let direct = (weights * spread(v, asRow: false)).sum(axes: [3])
      .reshaped([2, 3, 5, 4]).permuted([0, 2, 1, 3])

    var random = TestRandom(3)
    var feeds: [String: HostTensor<Double>] = [:]
    for name in ["q", "k", "v"] { feeds[name] = random.tensor(shape, in: -3...3) }
    let results = try graph.interpret([streamed, direct], feeds: feeds)
    for (a, b) in zip(results[0].values, results[1].values) { #expect(abs(a - b) < 1e-12) }
  }

  @Test func largeScoresStayFinite() throws {
    let graph = Graph()
    let q = graph.literal([100, 0], [1, 1, 1, 2])
    let k = graph.literal([100, 0, -100, 0], [1, 2, 1, 2])
    let v = graph.literal([1, 2, 3, 4], [1, 2, 1, 2])
    let y = q.attention(keys: k, values: v, scale: 1)
    #expect(try graph.interpret([y])[0].values == [1, 2])
  }

  /// On a CPU the gradients of a few keys make their statistics themselves; then nothing else does.
  @Test(arguments: [(50, false), (96, false), (97, true)])
  func statisticsAreComputedWhereTheyAreRead(keys: Int, areRead: Bool) throws {
    let graph = Graph()
    let shape = [2, keys, 3, 64]
    let q = graph.variable("q", shape, .float32, .zeros)
    let loss = q.attention(keys: q, values: q, scale: 0.125).sum(axes: [0, 1, 2, 3])
    graph.update(q, to: graph.gradients(of: loss.reshaped([]), withRespectTo: [q])[0])
    var device = DeviceTraits.test
    (device.deviceClass, device.computeUnits) = (.cpu, 2)
    let plan = try Plan(graph, device: device, usesKernels: true)
    let ops = Set(plan.loop.map { plan.trace.nodes[$0.node].op.name })
    #expect(ops.contains("attention_grad"))
    #expect(ops.contains("attention_log_sum_exp") == areRead)
    #expect(ops.contains("reduce_sum") == areRead)
  }

  @Test func shapesThatDoNotFit() {
    let op = Attention(scale: 1, causal: false)
    let q = TensorType([2, 5, 3, 4])
    for keys in [[2, 5, 3, 5], [1, 5, 3, 4], [2, 5, 2, 4], [2, 0, 3, 4], [2, 5, 12]] {
      let k = TensorType(keys)
      #expect(throws: ShapeError.self) { try op.outputType(of: [q, k, k]) }
    }
    #expect(throws: ShapeError.self) { try op.outputType(of: [q, q, TensorType([2, 4, 3, 4])]) }
  }
}
