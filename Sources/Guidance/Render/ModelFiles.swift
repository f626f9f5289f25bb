import Foundation

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

  /// The pair that comes with Tessera: `weights/starter` under `$TESSERA_HOME`, the working folder
  /// or any folder above the executable.
  /// - Throws: ``GuidanceError/missingModels(_:)`` saying where it was looked for.
  public static func starter() throws(GuidanceError) -> ModelFiles {
    let environment = ProcessInfo.processInfo.environment
    var homes = [URL(fileURLWithPath: FileManager.default.currentDirectoryPath)]
    if let home = environment["TESSERA_HOME"] { homes.insert(URL(fileURLWithPath: home), at: 0) }
    var folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    while folder.path != "/" {
      folder.deleteLastPathComponent()
      homes.append(folder)
    }
    for home in homes {
      let starter = home.appendingPathComponent("weights/starter")
      let generator = starter.appendingPathComponent("vqgan.safetensors").path
      if FileManager.default.fileExists(atPath: generator) {
        let perceptor = starter.appendingPathComponent("clip.safetensors").path
        return ModelFiles(generator: generator, perceptor: perceptor)
      }
    }
    throw .missingModels(
      "the starter models are not found (no weights/starter/vqgan.safetensors under "
        + "$TESSERA_HOME, \(homes[0].path) or above the program): set TESSERA_HOME, or name models "
        + "with --vqgan and --clip")
  }
}
