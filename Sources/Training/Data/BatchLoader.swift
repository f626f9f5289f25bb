import Foundation

/// Batches read ahead by threads of their own.
///
/// What batch n holds depends on the data, the seed, n, the batch size, the crop and the size
/// alone, never on the number of readers or on where reading began. Each epoch shuffles the
/// pictures anew, by Philox keyed by the seed, and gives as many whole batches as there are; what
/// is left over comes in other epochs. Of several captions one is drawn at each visit.
///
/// A damaged picture is named in ``skipped``, and its place is taken by the next in the epoch's
/// order after the batch (through a pipe: the next in the batch).
///
/// Through a pipe, batch n begins at pair n · B. In the command, `{seed}` stands for the seed and
/// `{start}` for the number of the first pair wanted; without `{start}` a loader that does not
/// start at 0 reads and drops the pairs before. A command that ends with status 0 is begun anew for
/// the next epoch, and gives what it gave if it does not heed `{start}`; pairs that do not fill a
/// batch at its end are dropped.
package final class BatchLoader {
  private let name: String
  private let queue: BatchQueue
  private let pipe: PipeSource?
  private let batch: Int
  private var failure: (any Error)?
  private var visits = 0
  private var damagedVisits = 0
  private var known: Set<SkippedPicture> = []

  /// Total time that ``next()`` had to wait for a reader.
  package private(set) var waited = Duration.zero
  /// Damaged pictures of the batches taken so far, each once, in the order of the batches. Of more
  /// than 1,000 the rest is only counted.
  package private(set) var skipped: [SkippedPicture] = []
  /// Visits to damaged pictures so far.
  package var skippedCount: Int { damagedVisits }

  /// Starts to read.
  ///
  /// - Parameters:
  ///   - size: Side of the pictures in pixels.
  ///   - batch: Pictures a batch.
  ///   - step: Number of the first batch.
  ///   - readers: Threads that read and decode, a batch each at a time.
  ///   - cacheBytes: Memory for decoded pictures, which are kept while it lasts.
  /// - Throws: `TrainingDataError.fewerThanBatch`.
  package init(
    _ data: TrainingData, size: Int, batch: Int, seed: UInt64, crop: PictureCrop,
    startingAt step: Int = 0, readers: Int = 1, cacheBytes: Int = 512 << 20
  ) throws {
    precondition(
      size > 0 && batch > 0 && step >= 0 && readers > 0,
      "BatchLoader: size \(size), batch \(batch), step \(step), \(readers) readers")
    if let count = data.count, count < batch {
      throw TrainingDataError.fewerThanBatch(data.name, count: count, batch: batch)
    }
    let shape = BatchShape(
      size: size, count: batch, seed: seed, crop: crop, needsCaptions: data.needsCaptions)
    let queue = BatchQueue(startingAt: step, ahead: readers + 1)
    (name, self.queue, self.batch) = (data.name, queue, batch)
    switch data.source {
    case .pictures(let list):
      pipe = nil
      let batches = ListedBatches(list, shape: shape, cacheBytes: cacheBytes)
      for _ in 0..<readers {
        queue.startReader {
          while let step = queue.claim() {
            queue.put(Result { try batches.batch(step, isStopped: { queue.isStopped }) }, at: step)
          }
        }
      }
    case .pipe(let command):
      let source = PipeSource(command: command, seed: seed)
      pipe = source
      let batches = PipedBatches(shape: shape)
      // Steps are claimed in the order in which the pipe is read.
      let order = NSLock()
      for _ in 0..<readers {
        queue.startReader {
          while true {
            let claim: (step: Int, pairs: Result<[RawPair], any Error>)? = order.withLock {
              queue.claim().map { step in
                (step, Result { try source.batch(step, size: batch) })
              }
            }
            guard let claim else { return }
            queue.put(
              Result { try batches.batch(claim.step, of: claim.pairs.get()) }, at: claim.step)
            if case .failure = claim.pairs { return }
          }
        }
      }
    }
  }

  deinit { stop() }

  /// The next batch.
  ///
  /// - Throws: `TrainingDataError` if reading failed, more than a tenth of at least 50 pictures
  ///   were damaged, or there was no good one to fill the batch; again at every later call.
  package func next() throws -> Batch {
    if let failure { throw failure }
    do {
      guard let entry = queue.take(waited: &waited) else {
        throw TrainingDataError.notFound(name, reason: "the loader was stopped")
      }
      let loaded = try entry.get()
      try record(loaded)
      return loaded.batch
    } catch let error as NoneGood {
      failure = TrainingDataError.noneGood(name, last: error.last)
    } catch {
      failure = error
    }
    throw failure!
  }

  private func record(_ loaded: LoadedBatch) throws {
    visits += loaded.visits
    damagedVisits += loaded.skipped.count
    for picture in loaded.skipped where skipped.count < 1000 {
      if known.insert(picture).inserted { skipped.append(picture) }
    }
    if visits >= 50, damagedVisits * 10 > visits {
      throw TrainingDataError.tooManyDamaged(
        name, damaged: damagedVisits, of: visits, last: loaded.skipped.last ?? skipped.last!)
    }
  }

  /// Ends the readers, and the command of a pipe. Further calls of ``next()`` throw.
  package func stop() {
    queue.stop()
    pipe?.stop()
    queue.join()
  }
}
