import Imaging
import Synchronization

/// How pictures become batches, whatever they come from.
struct BatchShape: Sendable {
  var size: Int
  var count: Int
  var seed: UInt64
  var crop: PictureCrop
  var needsCaptions: Bool

  /// Number of the visit that fills a place of a batch; keys the crop and the choice of a caption.
  func visit(step: Int, slot: Int) -> UInt64 { UInt64(step) * UInt64(count) + UInt64(slot) }

  func caption(_ captions: [String], visit: UInt64) -> String {
    guard captions.count > 1 else { return captions.first ?? "" }
    var random = VisitRandom(seed: seed, visit: visit, purpose: .caption)
    return captions[random.index(below: captions.count)]
  }
}

/// A batch, and what happened while it was read.
struct LoadedBatch: Sendable {
  var batch: Batch
  /// Visits to pictures, damaged ones included.
  var visits = 0
  var skipped: [SkippedPicture] = []

  init(_ shape: BatchShape) {
    batch = Batch(pictures: [], captions: [])
    batch.pictures.reserveCapacity(shape.count * shape.size * shape.size * 3)
  }
}

/// Why no batch could be made of damaged pictures.
struct NoneGood: Error { let last: SkippedPicture }

extension NoneGood {
  /// A reason in one line for an error of a decoder or of a file.
  static func reason(_ error: any Error) -> String { printable("\(error)") }
}

/// Batches of a folder or of tars: whole batches of an epoch's order, what is left over at its end
/// coming in other epochs. A damaged picture's place is taken by the next after the batch.
final class ListedBatches: Sendable {
  private let list: PictureList
  private let shape: BatchShape
  private let cache: PictureCache
  private let orders = Mutex<[(epoch: Int, order: [Int32])]>([])
  private let damaged = Mutex<[Int: SkippedPicture]>([:])

  init(_ list: PictureList, shape: BatchShape, cacheBytes: Int) {
    (self.list, self.shape) = (list, shape)
    cache = PictureCache(budget: cacheBytes)
  }

  /// - Parameter isStopped: asked before each picture; true ends the reading.
  func batch(_ step: Int, isStopped: () -> Bool) throws -> LoadedBatch {
    let (epoch, index) = step.quotientAndRemainder(dividingBy: list.items.count / shape.count)
    let order = order(of: epoch)
    let first = index * shape.count
    var loaded = LoadedBatch(shape)
    var spares = 0
    for slot in 0..<shape.count {
      guard !isStopped() else { throw CancellationError() }
      var place = first + slot
      while try !add(Int(order[place]), to: &loaded, visit: shape.visit(step: step, slot: slot)) {
        guard !isStopped() else { throw CancellationError() }
        // After the batch come the rest of the epoch, its beginning, and the batch itself.
        guard spares < 2 * order.count else { throw NoneGood(last: loaded.skipped.last!) }
        place = (first + shape.count + spares) % order.count
        spares += 1
      }
    }
    return loaded
  }

  /// - Returns: false if the picture is damaged.
  private func add(_ index: Int, to loaded: inout LoadedBatch, visit: UInt64) throws -> Bool {
    loaded.visits += 1
    if let known = damaged.withLock({ $0[index] }) {
      loaded.skipped.append(known)
      return false
    }
    let item = list.items[index]
    do {
      let captions = try captions(of: item)
      let picture = try picture(index, item)
      loaded.batch.pictures += shape.crop.finished(
        picture, size: shape.size, seed: shape.seed, visit: visit)
      loaded.batch.captions.append(shape.caption(captions, visit: visit))
      return true
    } catch {
      let skipped = SkippedPicture(name: item.name, reason: NoneGood.reason(error))
      damaged.withLock { $0[index] = skipped }
      loaded.skipped.append(skipped)
      return false
    }
  }

  private struct NoCaption: Error, CustomStringConvertible {
    var description: String { "it has no caption" }
  }

  private func captions(of item: PictureItem) throws -> [String] {
    guard shape.needsCaptions else { return (try? item.allCaptions()) ?? [] }
    let captions = try item.allCaptions()
    guard !captions.isEmpty else { throw NoCaption() }
    return captions
  }

  private func picture(_ index: Int, _ item: PictureItem) throws -> ByteImage {
    if let cached = cache[index] { return cached }
    let pair = RawPair(name: item.name, bytes: try item.pictureBytes(), captions: [])
    let picture = try pair.picture(shape.crop, size: shape.size)
    cache.keep(picture, at: index)
    return picture
  }

  private func order(of epoch: Int) -> [Int32] {
    orders.withLock { orders in
      if let known = orders.first(where: { $0.epoch == epoch }) { return known.order }
      let order = EpochOrder.permutation(
        count: list.items.count, seed: shape.seed, epoch: epoch)
      // Readers are in one epoch or at the border of two.
      orders = orders.suffix(1) + [(epoch, order)]
      return order
    }
  }
}

/// Batches of pairs that came through a pipe. A damaged picture's place is taken by the next good
/// one of its batch, from the beginning after the end.
struct PipedBatches: Sendable {
  let shape: BatchShape

  func batch(_ step: Int, of pairs: [RawPair]) throws -> LoadedBatch {
    var loaded = LoadedBatch(shape)
    var good: [(pair: RawPair, picture: ByteImage)?] = []
    for pair in pairs {
      loaded.visits += 1
      do {
        guard !shape.needsCaptions || !pair.captions.isEmpty else {
          throw TrainingDataError.noCaptions(pair.name, missing: 1, of: 1, first: [pair.name])
        }
        good.append((pair, try pair.picture(shape.crop, size: shape.size)))
      } catch {
        good.append(nil)
        loaded.skipped.append(SkippedPicture(name: pair.name, reason: NoneGood.reason(error)))
      }
    }
    for slot in pairs.indices {
      guard let next = (slot..<slot + pairs.count).lazy.compactMap({ good[$0 % pairs.count] }).first
      else { throw NoneGood(last: loaded.skipped.last!) }
      let visit = shape.visit(step: step, slot: slot)
      loaded.batch.pictures += shape.crop.finished(
        next.picture, size: shape.size, seed: shape.seed, visit: visit)
      loaded.batch.captions.append(shape.caption(next.pair.captions, visit: visit))
    }
    return loaded
  }
}
