import Execution
import Foundation
import Imaging
import Models
import TensorGraph
import Weights

/// What a trained discriminator says of each patch of a picture.
public struct PatchVerdicts {
  /// Verdicts on a picture: above 0 for real, below for painted.
  public struct Map: Hashable, Sendable {
    public let rows: Int
    public let columns: Int
    /// Row-major.
    public let values: [Float]

    /// Means of about equal parts of the map: at most `count` rows and columns.
    public func pooled(_ count: Int) -> Map {
      let (rows, columns) = (min(count, self.rows), min(count, self.columns))
      func part(_ index: Int, of parts: Int, _ extent: Int) -> Range<Int> {
        index * extent / parts..<(index + 1) * extent / parts
      }
      let values = (0..<rows * columns).map { cell in
        let (ys, xs) = (
          part(cell / columns, of: rows, self.rows), part(cell % columns, of: columns, self.columns)
        )
        let sum = ys.reduce(Float(0)) { sum, y in
          xs.reduce(sum) { $0 + self.values[y * self.columns + $1] }
        }
        return sum / Float(ys.count * xs.count)
      }
      return Map(rows: rows, columns: columns, values: values)
    }
  }

  private let weights: NamedWeights
  private let device: ComputeDevice
  public let configuration: PatchDiscriminatorConfiguration

  /// - Parameter path: of a `discriminator.safetensors`, or the run's folder that holds it.
  /// - Throws: `WeightError`, or ``InferenceError`` for another model.
  public init(path: String, device: ComputeDevice) throws {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    let file = exists && isFolder.boolValue ? path + "/discriminator.safetensors" : path
    if isFolder.boolValue, !FileManager.default.fileExists(atPath: file) {
      throw InferenceError.model(
        "\(path) has no discriminator yet: it begins to learn in the later part of a VQGAN's training")
    }
    let weights = NamedWeights(try WeightFile(path: file).scope)
    (self.weights, self.device) = (weights, device)
    guard weights.contains("main.0.weight") else {
      throw InferenceError.model("\(file) holds no discriminator (no tensor main.0.weight)")
    }
    let layers = (1...6).last { weights.contains("main.\(3 * $0 + 2).bias") } ?? 0
    guard layers > 0 else {
      throw InferenceError.model("\(file) holds a discriminator of no known size")
    }
    configuration = PatchDiscriminatorConfiguration(
      layers: layers, baseChannels: try weights.shape("main.0.weight", rank: 4)[0])
  }

  /// - Throws: ``InferenceError`` for a picture that is smaller than a patch.
  public func callAsFunction(_ picture: Image) throws -> Map {
    let least = 1 << (configuration.layers + 2)
    guard min(picture.width, picture.height) >= least else {
      throw InferenceError.model(
        "the picture is \(picture.width)x\(picture.height): this discriminator needs "
          + "\(least)x\(least) pixels or more")
    }
    let graph = Graph()
    let network = try PatchDiscriminator(configuration, ModelWeights(weights, in: graph))
    let input = graph.input("picture", [1, picture.height, picture.width, 3])
    let map = network(input * 2 - 1)
    graph.output("verdicts", map)
    let program = try device.compile(graph)
    try program.write("picture", picture.pixels)
    try program.step()
    return Map(
      rows: map.shape[1], columns: map.shape[2], values: try program.read("verdicts"))
  }
}

extension Image {
  /// The picture under a map of verdicts: green where it passes for real, red where it does not, the
  /// stronger the surer.
  public func overlaid(with map: PatchVerdicts.Map) -> Image {
    let largest = max(map.values.map(abs).max() ?? 1, 1e-6)
    var result = self
    for y in 0..<height {
      for x in 0..<width {
        let cell = y * map.rows / height * map.columns + x * map.columns / width
        let verdict = map.values[cell] / largest
        let color: SIMD3<Float> = verdict < 0 ? SIMD3(0.9, 0.1, 0.1) : SIMD3(0.1, 0.75, 0.2)
        let share = 0.65 * abs(verdict)
        result[x, y] = self[x, y] * (1 - share) + color * share
      }
    }
    return result
  }
}
