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
    let (tag, short) = (0x0112, 3)
    var found: Orientation?
    if let directory = number(at: 4, count: 4), let count = number(at: directory, count: 2) {
      // An entry is tag, type, count and value: 2, 2, 4 and 4 bytes.
      let entries = (0..<count).lazy.map { directory + 2 + 12 * $0 }
      if let entry = entries.first(where: { number(at: $0, count: 2) == tag }),
        number(at: entry + 2, count: 2) == short, let value = number(at: entry + 8, count: 2)
      {
        found = Orientation(rawValue: UInt16(value))
      }
    }
    self = found ?? .upright
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
