import Models
import Support
import TensorGraph

/// Weights of a model that was never trained: drawn by (seed, name), tensor by tensor, when a graph
/// is compiled. Scaled so that activations neither vanish nor grow.
package struct RandomWeights: ModelTensors {
  /// What the model is called; the first part of its constants' names.
  package let model: String
  private let seed: UInt64

  package init(model: String, seed: UInt64 = 0) {
    self.model = model
    self.seed = seed
  }

  /// Tensors are made as they are asked for, so there is none that a model might have or not.
  package func contains(_ name: String) -> Bool { false }

  package func tensor(_ name: String, _ shape: Shape, in graph: Graph) -> Tensor {
    graph.constant(
      "\(model):\(name)", shape,
      .reader(identity: "random \(seed) \(model):\(name)") {
        fill($0, named: name, shape: shape)
      })
  }

  /// The tensor's values: evenly distributed, of deviation 1/√fan-in where there is a fan-in, as
  /// all axes but the first are in the originals' layouts. A vector scales if it is a weight or a
  /// variance, so it is about 1; else it is added, so it is about 0.
  package func fill(
    _ values: UnsafeMutableBufferPointer<Float>, named name: String, shape: Shape
  ) {
    let isVector = shape.count < 2
    let fanIn = shape.dropFirst().reduce(1, *)
    let deviation = isVector ? 0.02 : 1 / Float(fanIn).squareRoot()
    let scales = name.hasSuffix("weight") || name.hasSuffix("var")
    let mean: Float = isVector && scales ? 1 : 0
    // A uniform number of 0..<2³² has this deviation about its middle.
    let step = deviation * Float(12).squareRoot() / 4_294_967_296
    let random = Philox(seed: seed)
    let purpose = FNV1a.hash32("\(model):\(name)")
    for start in stride(from: 0, to: values.count, by: 4) {
      let words = random.words([UInt32(start / 4), purpose, 0, 0])
      for lane in 0..<min(4, values.count - start) {
        values[start + lane] = mean + Float(Int32(bitPattern: words[lane])) * step
      }
    }
  }
}
