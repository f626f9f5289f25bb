extension Image {
  /// The samples as bytes, [H,W,3]: clamp(v, 0, 1) · 255, rounded half up.
  ///
  /// - Throws: `ImageError.notFinite` for the first sample that is NaN or infinite; such a picture
  ///   comes from a computation that diverged, and a byte would hide it.
  public func bytes() throws(ImageError) -> [UInt8] {
    var offender: Int?
    let bytes = [UInt8](unsafeUninitializedCapacity: pixels.count) { buffer, initialized in
      pixels.withUnsafeBufferPointer { samples in
        for (index, sample) in samples.enumerated() {
          guard sample.isFinite else {
            offender = index
            return
          }
          let byte = UInt8(min(max(sample, 0), 1) * 255 + 0.5)
          buffer.initializeElement(at: index, to: byte)
          initialized = index + 1
        }
      }
    }
    guard let offender else { return bytes }
    let pixel = offender / Image.channelCount
    throw .notFinite(
      x: pixel % width, y: pixel / width, channel: offender % Image.channelCount)
  }

  /// A picture from bytes, [H,W,3], 255 becoming 1.
  public init(width: Int, height: Int, bytes: [UInt8]) {
    self.init(width: width, height: height, pixels: bytes.map { Float($0) / 255 })
  }
}
