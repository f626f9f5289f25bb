import Execution
import Imaging
import TensorGraph

/// Values of a generator's parameters, by name.
public typealias ParameterValues = [String: HostTensor<Float>]

/// A picture as a differentiable function of parameters, which a descent moves.
///
/// One file a generator. Sizes given to it are multiples of ``factor``.
public protocol Generator: Sendable {
  /// Name on the command line and in records.
  static var name: String { get }

  /// Pixels along each side that sides must be a multiple of.
  var factor: Int { get }

  /// Adds the generator to `graph`: its parameters as variables, and the picture made of them.
  func trace(in graph: Graph, width: Int, height: Int) throws -> TracedGenerator

  /// Random values to start from, drawn by (seed, number).
  /// - Parameter number: sets several starts of one seed apart.
  func randomStart(
    width: Int, height: Int, seed: UInt64, number: Int
  ) throws -> ParameterValues

  /// Values whose picture is like `picture`, whose sides are multiples of ``factor``.
  func encode(_ picture: Image, on device: ComputeDevice) throws -> ParameterValues

  /// Values whose picture is like that of `values`, enlarged.
  /// - Parameters:
  ///   - picture: of `values`.
  ///   - width: of the enlarged picture in pixels, a multiple of ``factor``, as is its height.
  func enlarge(
    _ values: ParameterValues, picture: Image, width: Int, height: Int, on device: ComputeDevice
  ) throws -> ParameterValues
}

extension Generator {
  /// Those that the enlarged picture is encoded to.
  public func enlarge(
    _ values: ParameterValues, picture: Image, width: Int, height: Int, on device: ComputeDevice
  ) throws -> ParameterValues {
    try encode(picture.resized(width: width, height: height), on: device)
  }
}

/// A generator as part of a graph.
public struct TracedGenerator {
  /// A tensor that the descent moves.
  public struct Parameter {
    /// Name of its variable.
    public let name: String
    public let variable: Tensor
    /// Its learning rate, in units of the descent's.
    public let learningRateFactor: Float
    /// Brings a value after a step back into range.
    public let project: (Tensor) -> Tensor

    public init(
      _ name: String, _ variable: Tensor, learningRateFactor: Float = 1,
      project: @escaping (Tensor) -> Tensor = { $0 }
    ) {
      (self.name, self.variable) = (name, variable)
      (self.learningRateFactor, self.project) = (learningRateFactor, project)
    }
  }

  public let parameters: [Parameter]
  /// [1,H,W,3] in 0…1.
  public let picture: Tensor
  /// A scalar of the generator's own that is added to the loss; nil for none.
  public let regulariser: Tensor?

  public init(parameters: [Parameter], picture: Tensor, regulariser: Tensor? = nil) {
    (self.parameters, self.picture, self.regulariser) = (parameters, picture, regulariser)
  }
}

/// The generators by name. A new one is a file here and its entry in this list.
public enum Generators {
  /// Opens a generator; the path is that of its weights, nil where none was named.
  typealias Opening = @Sendable (_ path: String?) throws -> any Generator

  static let known: [(name: String, readsWeights: Bool, open: Opening)] = [
    (VQGANGenerator.name, true, { try VQGANGenerator(path: $0 ?? ModelFiles.starter().generator) }),
    (PixelGenerator.name, false, { _ in PixelGenerator() }),
    (FourierGenerator.name, false, { _ in FourierGenerator() }),
  ]

  public static var names: [String] { known.map(\.name) }

  /// True if the generator of this name reads a file of weights.
  public static func readsWeights(_ name: String) -> Bool {
    known.first { $0.name == name }?.readsWeights ?? false
  }

  /// - Parameter path: of its weights; nil takes the starter's.
  /// - Throws: ``GuidanceError/settings(_:)`` with the names there are, or what the file is at
  ///   fault for.
  static func open(_ name: String, path: String?) throws -> any Generator {
    guard let entry = known.first(where: { $0.name == name }) else {
      throw GuidanceError.settings(
        "there is no generator '\(name)'; choose \(names.joined(separator: ", "))")
    }
    return try entry.open(path)
  }
}
