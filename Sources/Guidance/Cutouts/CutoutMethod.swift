import TensorGraph

/// A way to make cutouts of a picture: which parts of it they show, and what is done to each by chance
/// unless augmentations are named.
///
/// One file a method. All draws are made on the device from (seed, step, purpose).
package protocol CutoutMethod: Sendable {
  /// Name on the command line and in records.
  var name: String { get }

  /// The cutouts that `draws` are for.
  /// - Parameters:
  ///   - picture: [1,H,W,3] in 0…1.
  ///   - side: height and width of a cutout in pixels.
  /// - Returns: [n,side,side,3]; noise and colour changes may leave 0…1.
  func cutouts(
    of picture: Tensor, _ configuration: CutoutConfiguration, side: Int, _ draws: CutoutDraws
  ) -> Tensor
}

/// The methods by name. A new one is a file here and its entry in this list.
public enum CutoutMethods {
  package static let known: [any CutoutMethod] = [
    AutomaticCutouts(), PooledCutouts(), CropCutouts(), OriginalCutouts(),
    NotebookCutouts.updated, NotebookCutouts.nrUpdated, NotebookCutouts.updatedPooling,
    NotebookCutouts.latest, PixrayCutouts(), PyttiCutouts(),
  ]

  public static var names: [String] { known.map { $0.name } }

  /// Name of the method that depends on the picture's size.
  public static let automatic = AutomaticCutouts().name
  /// Name of the only method there was when records did not name one.
  package static let unnamed = PooledCutouts().name

  /// - Throws: ``GuidanceError/settings(_:)`` with the names there are.
  static func named(_ name: String) throws(GuidanceError) -> any CutoutMethod {
    guard let method = known.first(where: { $0.name == name }) else {
      throw .settings(
        "there is no cutout method '\(name)'; choose \(names.joined(separator: ", "))")
    }
    return method
  }
}

extension CutoutConfiguration {
  /// The method of this name, which must be known.
  var chosenMethod: any CutoutMethod {
    do { return try CutoutMethods.named(method) } catch { preconditionFailure("\(error)") }
  }
}
