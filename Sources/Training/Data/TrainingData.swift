import Foundation
import Imaging
import Support

/// What training reads, opened and checked: a folder, tars, or a command that writes a tar.
package struct TrainingData: Sendable {
  enum Source: Sendable {
    case pictures(PictureList)
    /// The command, without `pipe:`.
    case pipe(String)
  }

  static let pipePrefix = "pipe:"

  /// The data as they were named.
  package let name: String
  let source: Source
  /// Whether a picture without a caption counts as damaged.
  private(set) var needsCaptions = false

  /// Opens the data that a text names.
  ///
  /// - Parameter text: A folder, which is searched with the folders in it; a tar; a pattern of tars
  ///   such as `shards-{000..011}.tar` or `part-*.tar`; or `pipe:COMMAND`, whose command writes
  ///   a tar to its standard output and may contain `{seed}` and `{start}` (see ``BatchLoader``).
  /// - Throws: `TrainingDataError` if there is no such data, no picture in them, or damage in what
  ///   is read to list them: headers of tars, captions.jsonl. Pictures are not decoded yet.
  package init(_ text: String) throws {
    name = text
    if text.hasPrefix(Self.pipePrefix) {
      let command = String(text.dropFirst(Self.pipePrefix.count))
      guard command.contains(where: { !$0.isWhitespace }) else {
        throw TrainingDataError.notFound(text, reason: "it has no command")
      }
      source = .pipe(command)
      return
    }
    var isFolder: ObjCBool = false
    let items: [PictureItem]
    if FileManager.default.fileExists(atPath: text, isDirectory: &isFolder), isFolder.boolValue {
      items = try PictureFolder.items(in: text)
    } else {
      items = try TarShards.items(in: ShardPattern.files(text))
    }
    guard !items.isEmpty else { throw TrainingDataError.noPictures(text) }
    source = .pictures(PictureList(items))
  }

  private init(name: String, pictures: PictureList, needsCaptions: Bool) {
    (self.name, source, self.needsCaptions) = (name, .pictures(pictures), needsCaptions)
  }

  /// Number of pictures; nil for a pipe.
  package var count: Int? {
    if case .pictures(let list) = source { list.items.count } else { nil }
  }

  /// Whether any picture has a caption; of a pipe this is assumed.
  package var hasCaptions: Bool {
    if case .pictures(let list) = source { list.items.contains(where: \.hasCaption) } else { true }
  }

  /// Digest of the names and sizes of all pictures, or of a pipe's command: another one after a
  /// resume says that the data have changed.
  package var fingerprint: String {
    switch source {
    case .pictures(let list):
      FNV1a.hash128(list.items.map { "\($0.name)\0\($0.byteCount)\n" }.joined()).hexadecimal
    case .pipe(let command): FNV1a.hash128(command).hexadecimal
    }
  }

  /// Demands a caption of every picture. One whose caption file turns out to be empty later, or
  /// that a pipe gives without a caption, is skipped as a damaged one is.
  ///
  /// - Throws: `TrainingDataError.noCaptions` with the number of those without and three of them.
  package mutating func requireCaptions() throws {
    if case .pictures(let list) = source {
      let missing = list.items.filter { !$0.hasCaption }
      guard missing.isEmpty else {
        throw TrainingDataError.noCaptions(
          name, missing: missing.count, of: list.items.count,
          first: missing.prefix(3).map(\.name))
      }
    }
    needsCaptions = true
  }

  /// Pictures held back, drawn by the seed alone, and the rest.
  ///
  /// - Parameter count: Pictures to hold back; fewer than there are.
  /// - Throws: `TrainingDataError.noSplit` if too few would remain, or for a pipe.
  package func split(
    holding count: Int, seed: UInt64
  ) throws -> (training: TrainingData, heldOut: TrainingData) {
    guard case .pictures(let list) = source else {
      throw TrainingDataError.noSplit(name, reason: "a pipe has no end; name other data to test on")
    }
    guard count > 0, count < list.items.count else {
      throw TrainingDataError.noSplit(
        name, reason: "\(count) of \(counted(list.items.count, "picture")) leave none on one side")
    }
    let order = EpochOrder.permutation(
      count: list.items.count, seed: seed, epoch: 0, purpose: .split)
    func part(_ indices: ArraySlice<Int32>) -> TrainingData {
      TrainingData(
        name: name, pictures: PictureList(indices.sorted().map { list.items[Int($0)] }),
        needsCaptions: needsCaptions)
    }
    return (part(order[count...]), part(order[..<count]))
  }
}

extension TrainingData: CustomStringConvertible {
  /// One line for logs and records, such as `world: 7,650 pictures, 7,650 with captions`.
  package var description: String {
    guard case .pictures(let list) = source else { return printable(name) }
    let captioned = list.items.count(where: \.hasCaption)
    let captions =
      switch captioned {
      case 0: "no captions"
      case list.items.count: "all with captions"
      default: "\(captioned) with captions"
      }
    return printable("\(name): \(counted(list.items.count, "picture")), \(captions)")
  }
}

/// The pictures of a folder or of tars, shared by all copies of their data.
final class PictureList: Sendable {
  let items: [PictureItem]

  init(_ items: [PictureItem]) { self.items = items }
}
