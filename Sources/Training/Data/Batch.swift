import Imaging

/// A batch of training data.
package struct Batch: Hashable, Sendable {
  /// [B,S,S,3], sRGB bytes.
  package var pictures: [UInt8]
  /// One a picture; empty where the data has none.
  package var captions: [String]

  /// Its first pictures, of this side in pixels.
  func images(_ count: Int, side: Int) -> [Image] {
    let length = side * side * Image.channelCount
    return (0..<count).map { index in
      let bytes = pictures[index * length..<(index + 1) * length]
      return Image(width: side, height: side, pixels: bytes.map { Float($0) / 255 })
    }
  }

  package static let empty = Batch(pictures: [], captions: [])

  package init(pictures: [UInt8], captions: [String]) {
    (self.pictures, self.captions) = (pictures, captions)
  }
}
