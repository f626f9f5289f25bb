import Foundation
import Support
import Weights

/// Where a render's models lie.
public struct ModelFiles: Hashable, Sendable, Codable {
  /// The VQGAN, with its `.yaml` beside it.
  public var generator: String
  /// The CLIP.
  public var perceptor: String
  /// The merges that its tokens come from; nil looks beside it and in the library of downloads.
  public var vocabulary: String?

  public init(generator: String, perceptor: String, vocabulary: String? = nil) {
    self.generator = generator
    self.perceptor = perceptor
    self.vocabulary = vocabulary
  }

  /// The same files, wherever the working folder will be.
  var absolute: ModelFiles {
    func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }
    return ModelFiles(
      generator: absolute(generator), perceptor: absolute(perceptor),
      vocabulary: vocabulary.map(absolute))
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
