import Foundation
import Imaging

extension TrainingData {
  /// Captions to learn a vocabulary from, all of each picture, in the order of the pictures.
  ///
  /// - Parameters:
  ///   - pictures: Most pictures to read captions of; a pipe is ended there.
  ///   - seed: The seed of a pipe's command.
  /// - Throws: `TrainingDataError` of a pipe that fails. Caption files that cannot be read are left
  ///   out; a loader names them.
  package func captions(ofFirst pictures: Int, seed: UInt64) throws -> [String] {
    switch source {
    case .pictures(let list):
      return list.items.prefix(pictures).flatMap { (try? $0.allCaptions()) ?? [] }
    case .pipe(let command):
      let source = PipeSource(command: command, seed: seed)
      defer { source.stop() }
      var captions: [String] = []
      try source.forFirst(pictures) { captions += $0.captions }
      return captions
    }
  }

  /// The first good pictures in the order of the data, each with its first caption: for sheets and
  /// for evaluation. Damaged ones are left out.
  ///
  /// - Parameters:
  ///   - count: Most pictures to read; of fewer, all.
  ///   - seed: The seed of a pipe's command and of a random crop.
  package func sample(
    _ count: Int, size: Int, crop: PictureCrop = .center, seed: UInt64 = 0
  ) throws -> Batch {
    var batch = Batch(pictures: [], captions: [])
    func add(_ pair: RawPair) {
      guard !needsCaptions || !pair.captions.isEmpty,
        let picture = try? pair.picture(crop, size: size)
      else { return }
      batch.pictures += crop.finished(
        picture, size: size, seed: seed, visit: UInt64(batch.captions.count))
      batch.captions.append(pair.captions.first ?? "")
    }
    switch source {
    case .pictures(let list):
      for item in list.items where batch.captions.count < count {
        guard let bytes = try? item.pictureBytes() else { continue }
        add(RawPair(name: item.name, bytes: bytes, captions: (try? item.allCaptions()) ?? []))
      }
    case .pipe(let command):
      let source = PipeSource(command: command, seed: seed)
      defer { source.stop() }
      try source.forFirst(count, add)
    }
    return batch
  }
}

/// A picture as its file has it, and all its captions.
struct RawPair: Sendable {
  var name: String
  var bytes: [UInt8]
  var captions: [String]

  /// The decoded picture, as far as it is the same at every visit.
  func picture(_ crop: PictureCrop, size: Int) throws -> ByteImage {
    try crop.prepared(ByteImage(decoding: Data(bytes), name: name), size: size)
  }
}

extension PictureItem {
  var hasCaption: Bool { captions != .none }
}
