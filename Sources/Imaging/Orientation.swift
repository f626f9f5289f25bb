/// How a camera was held: what to do with a picture to see it upright. The numbers are EXIF's.
enum Orientation: UInt16, CaseIterable {
  case upright = 1
  case mirrored, upsideDown, mirroredUpsideDown
  case mirroredQuarterLeft, quarterRight, mirroredQuarterRight, quarterLeft

  /// Whether width and height change places.
  var isSideways: Bool { rawValue >= 5 }

  /// Reads the orientation of an EXIF block (a TIFF structure); what is damaged, missing or unknown
  /// counts as upright, because it does no harm to the picture.
  init(exif bytes: some RandomAccessCollection<UInt8>) {
    let bytes = Array(bytes)
    let isLittleEndian = bytes.starts(with: [0x49, 0x49, 42, 0])
    guard isLittleEndian || bytes.starts(with: [0x4D, 0x4D, 0, 42]) else {
      self = .upright
      return
    }
    func number(at offset: Int, count: Int) -> Int? {
      guard offset >= 0, offset + count <= bytes.count else { return nil }
      let digits = bytes[offset..<offset + count]
      return (isLittleEndian ? Array(digits.reversed()) : Array(digits))
        .reduce(0) { $0 << 8 | Int($1) }
    }
    let tag = 0x0112
    // Bytes of the types that hold whole numbers: BYTE, SHORT, LONG, and their signed forms.
    let sizes = [1: 1, 3: 2, 4: 4, 6: 1, 8: 2, 9: 4]
    var found: Orientation?
    if let directory = number(at: 4, count: 4), let count = number(at: directory, count: 2) {
      // An entry is tag, type, count and value: 2, 2, 4 and 4 bytes.
      let entries = (0..<count).lazy.map { directory + 2 + 12 * $0 }
      if let entry = entries.first(where: { number(at: $0, count: 2) == tag }),
        let type = number(at: entry + 2, count: 2), let size = sizes[type],
        let value = number(at: entry + 8, count: size)
      {
        found = UInt16(exactly: value).flatMap { Orientation(rawValue: $0) }
      }
    }
    self = found ?? .upright
  }
}

extension PNG {
  /// The orientation of the file's eXIf chunk, before or after the picture.
  static func orientation(of bytes: UnsafeRawBufferPointer) -> Orientation {
    var offset = 8
    while offset + 12 <= bytes.count {
      let length = bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
      let (type, start) = (bytes[offset + 4..<offset + 8], offset + 8)
      guard length <= bytes.count - start else { break }
      if type.elementsEqual("eXIf".utf8) {
        let data = bytes[start..<start + length]
        // Some programs keep the heading of JPEG's block.
        let heading = Array("Exif\0\0".utf8)
        return Orientation(exif: Array(data.starts(with: heading) ? data.dropFirst(heading.count) : data))
      }
      if type.elementsEqual("IEND".utf8) { break }
      offset = start + length + 4
    }
    return .upright
  }
}

extension Image {
  /// The picture as `orientation` asks for it to be shown.
  func turned(_ orientation: Orientation) -> Image {
    guard orientation != .upright else { return self }
    let (newWidth, newHeight) = orientation.isSideways ? (height, width) : (width, height)
    return mapped(width: newWidth, height: newHeight) { x, y in
      let (right, below) = (newWidth - 1 - x, newHeight - 1 - y)
      return switch orientation {
      case .upright: (x, y)
      case .mirrored: (right, y)
      case .upsideDown: (right, below)
      case .mirroredUpsideDown: (x, below)
      case .mirroredQuarterLeft: (y, x)
      case .quarterRight: (y, right)
      case .mirroredQuarterRight: (below, right)
      case .quarterLeft: (below, x)
      }
    }
  }
}
