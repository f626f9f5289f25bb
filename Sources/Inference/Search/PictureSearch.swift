import Foundation
import Imaging
import Support
import Weights

/// A folder of pictures that can be asked for what they show.
///
/// Embeddings are kept under `$XDG_CACHE_HOME/tessera/pictures`, one file for each folder and
/// perceptor; pictures that were added or changed since are embedded anew, those gone forgotten.
///
/// ```swift
/// var search = try PictureSearch(folder: "photos", perceptor: perceptor)
/// try search.update { done, total in true }
/// let hits = search.hits(for: try perceptor.embed(texts: ["a boat"])[0], top: 12)
/// ```
public struct PictureSearch {
  /// A picture and how well it fits.
  public struct Hit: Hashable, Sendable {
    public let path: String
    /// Cosine of picture and query.
    public let similarity: Float
  }

  /// A file that cannot be read or kept, and why, in one line that names it.
  public struct Problem: Hashable, Sendable {
    public let path: String
    public let reason: String
  }

  /// The file that keeps the embeddings; nil for a user without a home directory.
  public let indexPath: String?

  /// Folders and pictures that are left out, and why.
  public let unlisted: [Problem]

  private let folder: String
  private let perceptor: Perceptor
  private var index: PictureIndex
  private var outdated: [PictureFile]

  /// Lists the folder and reads what is known of it; nothing is embedded yet.
  ///
  /// - Parameter cache: Where to keep embeddings instead.
  /// - Throws: ``InferenceError`` if the folder cannot be listed.
  public init(folder: String, perceptor: Perceptor, cache: String? = nil) throws {
    let (files, problems) = try PictureFile.all(in: folder)
    unlisted = problems
    self.folder = folder
    self.perceptor = perceptor
    let place = Self.canonical(folder)
    let weights = Self.canonical(perceptor.checkpoint.file.path)
    indexPath = (cache ?? UserFolder.cache.map { $0 + "/pictures" }).map {
      "\($0)/\(FNV1a.hash64(place + "\n" + weights).hexadecimal).index"
    }
    let model = Self.identity(of: weights)
    index = indexPath.map { PictureIndex(path: $0, model: model, width: perceptor.width) }
      ?? PictureIndex(model: model, width: perceptor.width)
    let current = Set(files)
    index.embeddings = index.embeddings.filter { current.contains($0.key) }
    outdated = files.filter { [known = index.embeddings] in known[$0] == nil }
  }

  /// Pictures that ``update(progress:)`` has yet to embed.
  public var outdatedCount: Int { outdated.count }

  /// Pictures that can be found.
  public var count: Int { index.embeddings.count }

  /// Embeds what is new and keeps it, now and then and at the end.
  ///
  /// - Parameter progress: called after each batch with the pictures done and to do; returning
  ///   false ends the update, keeping what is done.
  /// - Returns: The pictures that cannot be read; the index, if it cannot be kept.
  /// - Throws: errors of the device.
  public mutating func update(
    progress: (_ done: Int, _ total: Int) -> Bool
  ) throws -> [Problem] {
    let total = outdated.count
    guard total > 0 else { return [] }
    var problems: [Problem] = []
    var lastWrite = ContinuousClock.now
    while !outdated.isEmpty {
      let batch = Array(outdated.prefix(Perceptor.largestBatch))
      var pictures: [(file: PictureFile, image: Image)] = []
      for (file, result) in zip(batch, perceptor.read(batch.map(path))) {
        switch result {
        case .success(let image): pictures.append((file, image))
        case .failure(let error):
          problems.append(Problem(path: path(of: file), reason: "\(error)"))
        }
      }
      let embeddings = try perceptor.embed(pictures: pictures.map(\.image))
      for (picture, embedding) in zip(pictures, embeddings) {
        index.embeddings[picture.file] = embedding
      }
      outdated.removeFirst(batch.count)
      if !progress(total - outdated.count, total) { break }
      if ContinuousClock.now - lastWrite > .seconds(10) {
        if let indexPath { try? index.write(to: indexPath) }
        lastWrite = .now
      }
    }
    guard let indexPath else { return problems }
    do { try index.write(to: indexPath) } catch {
      problems.append(Problem(path: indexPath, reason: "\(error)"))
    }
    return problems
  }

  /// The best fits for an embedding of the same perceptor, best first; equals by their paths.
  public func hits(for query: [Float], top: Int) -> [Hit] {
    let all = index.embeddings.map { file, embedding in
      Hit(path: path(of: file), similarity: Similarity.cosine(query, embedding))
    }
    return Array(
      all.sorted { ($1.similarity, $0.path) < ($0.similarity, $1.path) }.prefix(max(top, 0)))
  }

  private func path(of file: PictureFile) -> String {
    folder.hasSuffix("/") ? folder + file.name : folder + "/" + file.name
  }

  // MARK: Names

  private static func canonical(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// Tells weights from others that come to lie at the same place.
  private static func identity(of weights: String) -> String {
    var status = stat()
    stat(weights, &status)
    return "\(weights) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) bicubic"
  }
}
