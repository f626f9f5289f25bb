import Foundation

/// Files that are read with a checkpoint.
package enum CheckpointFiles {
  /// The checkpoint, and what is read from beside it where it is there: configurations, vocabularies,
  /// and the codebook transformer of a VQGAN.
  package static func all(of path: String) -> [String] {
    let url = URL(fileURLWithPath: path)
    let folder = url.deletingLastPathComponent()
    let stem = url.deletingPathExtension().lastPathComponent
    let names = [
      "\(stem).yaml", "\(stem).yml", "open_clip_config.json", "config.json",
      "\(stem).transformer.safetensors", "\(stem).transformer.yaml", "transformer.safetensors",
      "transformer.yaml",
    ]
    return [path] + names.map { folder.appendingPathComponent($0).path }
      + Vocabulary.candidates(forModel: path)
  }
}
