import Imaging
import Synchronization

/// Prepared pictures kept in memory while their bytes fit in a budget; the first to come stay, as
/// every epoch reads all of them once.
final class PictureCache: Sendable {
  private struct Contents {
    var pictures: [Int: ByteImage] = [:]
    var byteCount = 0
  }

  private let budget: Int
  private let contents = Mutex(Contents())

  init(budget: Int) { self.budget = budget }

  subscript(index: Int) -> ByteImage? { contents.withLock { $0.pictures[index] } }

  func keep(_ picture: ByteImage, at index: Int) {
    contents.withLock {
      guard $0.byteCount + picture.bytes.count <= budget, $0.pictures[index] == nil else { return }
      $0.pictures[index] = picture
      $0.byteCount += picture.bytes.count
    }
  }
}
