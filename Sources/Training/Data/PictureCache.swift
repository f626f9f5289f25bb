import Synchronization

/// Prepared pictures kept in memory while their bytes fit in a budget; the first to come stay, as
/// every epoch reads all of them once.
final class PictureCache: Sendable {
  private struct Contents {
    var pictures: [Int: BytePicture] = [:]
    var byteCount = 0
  }

  private let budget: Int
  private let contents = Mutex(Contents())

  init(budget: Int) { self.budget = budget }

  subscript(index: Int) -> BytePicture? { contents.withLock { $0.pictures[index] } }

  func keep(_ picture: BytePicture, at index: Int) {
    contents.withLock {
      guard $0.byteCount + picture.bytes.count <= budget, $0.pictures[index] == nil else { return }
      $0.pictures[index] = picture
      $0.byteCount += picture.bytes.count
    }
  }
}
