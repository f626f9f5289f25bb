/// A batch of training data.
package struct Batch: Hashable, Sendable {
  /// [B,S,S,3], sRGB bytes.
  package var pictures: [UInt8]
  /// One a picture; empty where the data has none.
  package var captions: [String]

  package static let empty = Batch(pictures: [], captions: [])

  package init(pictures: [UInt8], captions: [String]) {
    (self.pictures, self.captions) = (pictures, captions)
  }
}
