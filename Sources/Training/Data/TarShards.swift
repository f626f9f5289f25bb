import Foundation

/// Tars of pictures on a disk: their headers are read once, pictures at random places later.
enum TarShards {
  /// The pictures of the tars, in order.
  ///
  /// Files belong together that have one key, wherever in their tar they are; a second picture of
  /// that key begins a new pair. A `.txt` has precedence over a `.json`.
  ///
  /// - Throws: `TrainingDataError` for a tar that cannot be read or is damaged.
  static func items(in tars: [String]) throws -> [PictureItem] {
    var items: [PictureItem] = []
    for tar in tars { items += try Self.items(in: tar) }
    return items
  }

  private static func items(in tar: String) throws -> [PictureItem] {
    let file = try OpenFile(tar)
    var reader = TarReader(FileInput(file), name: tar, needsEnd: true)
    var pairs: [PictureItem?] = []
    var waiting: [PictureItem.CaptionPlace] = []
    var current: [String: Int] = [:]
    let label = URL(fileURLWithPath: tar).lastPathComponent
    while let member = try reader.next() {
      guard let name = MemberName(member.name), name.kind != .other else { continue }
      let place = PictureItem.Place.part(of: tar, offset: member.offset, size: member.size)
      var index = current[name.key] ?? pairs.count
      if name.kind == .picture, index < pairs.count, pairs[index] != nil { index = pairs.count }
      if index == pairs.count {
        pairs.append(nil)
        waiting.append(.none)
        current[name.key] = index
      }
      switch name.kind {
      case .picture:
        pairs[index] = PictureItem(
          name: label + "/" + member.name, picture: place, captions: .none, byteCount: member.size)
      case .text: waiting[index] = .text(place)
      case .json: if case .text = waiting[index] {} else { waiting[index] = .json(place) }
      case .other: break
      }
    }
    return zip(pairs, waiting).compactMap { pair, captions in
      var pair = pair
      pair?.captions = captions
      return pair
    }
  }

  /// A tar as a file: what is passed over is not read.
  private struct FileInput: TarInput {
    private let file: OpenFile
    private(set) var offset = 0

    init(_ file: OpenFile) { self.file = file }

    mutating func read(_ count: Int) throws -> [UInt8] {
      let count = min(count, file.size - offset)
      defer { offset += count }
      return try file.read(at: offset, count: count, limit: count)
    }

    mutating func skip(_ count: Int) throws -> Bool {
      guard count <= file.size - offset else { return false }
      offset += count
      return true
    }
  }
}
