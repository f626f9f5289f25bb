import Foundation
import Support
import Weights

/// Paths of a generator and a perceptor.
public struct ModelFiles: Hashable, Sendable {
  /// The VQGAN, with its `.yaml` beside it.
  public var generator: String
  /// The CLIP.
  public var perceptor: String

  public init(generator: String, perceptor: String) {
    (self.generator, self.perceptor) = (generator, perceptor)
  }

  /// The pair that comes with Tessera: `weights/starter` in the first of ``InstalledFiles/homes``
  /// that has it.
  /// - Throws: ``GuidanceError/missingModels(_:)`` saying where it was looked for.
  public static func starter() throws(GuidanceError) -> ModelFiles {
    let folder = "weights/starter/"
    if let generator = InstalledFiles.path(of: folder + "vqgan.safetensors"),
      let perceptor = InstalledFiles.path(of: folder + "clip.safetensors")
    {
      return ModelFiles(generator: generator, perceptor: perceptor)
    }
    throw .missingModels(
      "the starter models are not found (no weights/starter/vqgan.safetensors under "
        + InstalledFiles.homes.joined(separator: ", ")
        + "): set TESSERA_HOME, or name models with --vqgan and --clip")
  }
}
