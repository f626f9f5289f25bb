import TensorGraph
import Weights

/// A model's tensors in a file, under the names that its original gives them.
package struct NamedWeights: Sendable {
  /// Where in the file the model's tensors lie.
  package let scope: WeightScope
  private let naming: CheckpointNaming

  package init(_ scope: WeightScope, naming: CheckpointNaming = .original) {
    self.scope = scope
    self.naming = naming
  }

  package var file: String { scope.file.path }

  /// Whether the file has the tensor that the original calls `name`.
  package func contains(_ name: String) -> Bool {
    naming.place(name).names.allSatisfy(scope.contains)
  }

  /// How many blocks there are under `list`, each known by the tensor `witness` in it.
  package func blockCount(_ list: String, witness: String) -> Int {
    var count = 0
    while contains("\(list).\(count).\(witness)") { count += 1 }
    return count
  }

  /// The tensor that the original calls `name`.
  /// - Throws: `WeightError.missingTensor` with the file's own name for it.
  package func tensor(_ name: String) throws(WeightError) -> NamedTensor {
    let place = naming.place(name)
    var parts: [WeightTensor] = []
    for name in place.names { parts.append(try scope.tensor(name)) }
    return NamedTensor(parts: parts, isTransposed: place.isTransposed)
  }

  /// The tensor that the original calls `name`, of its `shape` there.
  /// - Throws: `WeightError` if it is missing or has another shape, with the file's own name.
  package func tensor(_ name: String, shape: Shape) throws(WeightError) -> NamedTensor {
    let place = naming.place(name)
    var stored = place.isTransposed ? shape.reversed() : shape
    if place.names.count > 1 { stored[0] /= place.names.count }
    var parts: [WeightTensor] = []
    for name in place.names { parts.append(try scope.tensor(name, shape: stored)) }
    return NamedTensor(parts: parts, isTransposed: place.isTransposed)
  }

  /// The shape of the tensor that the original calls `name`, which must have `rank` axes.
  /// - Throws: `WeightError` if it is missing, ``ModelError`` if it has other axes or an empty one.
  package func shape(_ name: String, rank: Int) throws -> Shape {
    let tensor = try tensor(name)
    guard tensor.shape.count == rank, tensor.shape.allSatisfy({ $0 > 0 }) else {
      throw ModelError.architecture(
        file: file, problem: "\(tensor.name) has shape \(tensor.shape), expected \(rank) axes")
    }
    return tensor.shape
  }
}

extension NamedWeights: ModelTensors {
  package func tensor(_ name: String, _ shape: Shape, in graph: Graph) throws -> Tensor {
    let tensor = try tensor(name, shape: shape)
    let stored = graph.constant(
      "\(file):\(tensor.name)", tensor.storedShape,
      .reader(identity: tensor.identity) { try tensor.read(into: $0) })
    return tensor.isTransposed ? stored.permuted(Array(shape.indices.reversed())) : stored
  }
}

/// A tensor of a model, made up of one or more tensors of a file.
package struct NamedTensor: Sendable {
  fileprivate let parts: [WeightTensor]
  /// Whether the file has its axes exchanged.
  package let isTransposed: Bool

  /// Equal for tensors of equal values: the bytes of the file that each part is read from.
  package var identity: [WeightTensor.Identity] { parts.map(\.identity) }

  /// The file's names for it.
  package var name: String { parts.map(\.name).joined(separator: " + ") }

  /// Its shape in the file: the parts stacked, before any exchange of axes.
  package var storedShape: Shape {
    var shape = parts[0].shape
    if parts.count > 1 { shape[0] = parts.map { $0.shape.first ?? 0 }.reduce(0, +) }
    return shape
  }

  /// Its shape as the original has it.
  package var shape: Shape { isTransposed ? storedShape.reversed() : storedShape }

  /// One row of the first axis of ``storedShape``.
  package func row(_ index: Int) throws(WeightError) -> [Float] {
    var index = index
    for part in parts.dropLast() {
      guard let count = part.shape.first, index >= count else { return try part.row(index) }
      index -= count
    }
    return try parts[parts.count - 1].row(index)
  }

  /// Reads all elements as 32-bit floats, in the order of ``storedShape``.
  /// - Parameter buffer: as many elements as the tensor has.
  package func read(into buffer: UnsafeMutableBufferPointer<Float>) throws(WeightError) {
    var start = 0
    for part in parts {
      try part.read(into: UnsafeMutableBufferPointer(rebasing: buffer[start..<start + part.count]))
      start += part.count
    }
  }
}
