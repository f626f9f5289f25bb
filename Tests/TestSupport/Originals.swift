import Foundation
import TensorGraph
import Weights

/// What the PyTorch originals computed, from Tests/Fixtures/originals; see the README there.
package struct Originals {
  private let file: WeightFile

  package init(_ name: String) throws {
    try self.init(path: Self.root + "/Tests/Fixtures/originals/\(name).safetensors")
  }

  package init(path: String) throws { file = try WeightFile(path: path) }

  /// What the file says of itself.
  package var metadata: [String: String] { file.metadata }

  /// The package's folder.
  package static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  package static let generator = root + "/weights/starter/vqgan.safetensors"
  package static let perceptor = root + "/weights/starter/clip.safetensors"

  /// Names of all tensors.
  package var names: [String] { file.tensors.map(\.name) }

  package func shape(_ name: String) throws -> Shape { try file.scope.tensor(name).shape }

  package func floats(_ name: String) throws -> [Float] { try file.scope.tensor(name).floats() }

  /// A tensor stored [N,C,H,W], as [N,H,W,C].
  package func channelsLast(_ name: String) throws -> (values: [Float], shape: Shape) {
    let values = try floats(name)
    let shape = try shape(name)
    let (n, c, h, w) = (shape[0], shape[1], shape[2], shape[3])
    var result = [Float](repeating: 0, count: values.count)
    for i in 0..<n {
      for k in 0..<c {
        for p in 0..<h * w { result[(i * h * w + p) * c + k] = values[(i * c + k) * h * w + p] }
      }
    }
    return (result, [n, h, w, c])
  }

  /// `tokens` [N,T] and the position among all of them of each text's end, its largest token.
  package func tokens() throws -> (values: [Float], ends: [Float]) {
    let (values, length) = (try floats("tokens"), try shape("tokens")[1])
    let ends = stride(from: 0, to: values.count, by: length).map { start in
      let text = values[start..<start + length]
      return Float(text.firstIndex(of: text.max()!)!)
    }
    return (values, ends)
  }

  /// A tensor for the interpreter, laid out as it is stored.
  package func callAsFunction(_ name: String) throws -> HostTensor<Double> {
    HostTensor(shape: try shape(name), try floats(name).map(Double.init))
  }

  /// A tensor for the interpreter, stored [N,C,H,W], as [N,H,W,C].
  package func pixels(_ name: String) throws -> HostTensor<Double> {
    let (values, shape) = try channelsLast(name)
    return HostTensor(shape: shape, values.map(Double.init))
  }
}

/// Largest difference of two lists, relative to the largest value of the second.
package func largestError(_ computed: [Float], _ expected: [Float]) -> Float {
  guard computed.count == expected.count else { return .infinity }
  let scale = expected.map(abs).max() ?? 0
  let worst = zip(computed, expected).map { abs($0 - $1) }.reduce(0) {
    $1.isNaN ? .infinity : max($0, $1)
  }
  return worst / max(scale, .leastNormalMagnitude)
}

extension HostTensor<Double> {
  /// Largest difference from `other`, relative to the largest value of `other`; infinite if the
  /// shapes differ or a value is not a number.
  package func relativeError(to other: HostTensor) -> Double {
    guard shape == other.shape else { return .infinity }
    let scale = other.values.map(abs).max() ?? 0
    return zip(values, other.values).map { abs($0 - $1) }
      .reduce(0) { $1.isNaN ? .infinity : Swift.max($0, $1) } / Swift.max(scale, 1e-30)
  }
}
