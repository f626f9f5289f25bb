import Synchronization

/// Pairs that a command writes as a tar, read in order by one thread at a time.
final class PipeSource: @unchecked Sendable {
  // Used by one reader at a time, except `child`, which stop() reads.
  private let command: String
  private let seed: UInt64
  private let child = Mutex<PipeChild?>(nil)
  private let isStopped = Atomic<Bool>(false)
  private var pairs: PairStream?
  private var nextStep: Int?

  init(command: String, seed: UInt64) { (self.command, self.seed) = (command, seed) }

  /// Whether the command can begin at any pair.
  private var canStart: Bool { command.contains("{start}") }

  /// The pairs of batch `step`; later calls are for the steps that follow.
  ///
  /// A command that ends well begins anew, unless its run gave no whole batch; pairs left over at
  /// its end are dropped.
  func batch(_ step: Int, size: Int) throws -> [RawPair] {
    if nextStep == nil {
      nextStep = canStart ? step : 0
      while nextStep! < step { _ = try batch(size: size) }
    }
    return try batch(size: size)
  }

  private func batch(size: Int) throws -> [RawPair] {
    while true {
      if pairs == nil { try begin(at: nextStep! * size) }
      let isNew = pairs!.count == 0
      let batch = try read(size)
      if batch.count == size {
        nextStep! += 1
        return batch
      }
      guard !isNew else {
        throw failure(
          "ended after \(counted(batch.count, "pair")), before a batch of \(size) was full")
      }
      pairs = nil
    }
  }

  /// Calls `body` with each of the first pairs of the command, at most `count`; one at a time is in
  /// memory.
  func forFirst(_ count: Int, _ body: (RawPair) -> Void) throws {
    try begin(at: 0)
    for _ in 0..<count {
      guard let pair = try read(1).first else { return }
      body(pair)
    }
  }

  /// Pairs up to `count`, fewer where the command ended.
  private func read(_ count: Int) throws -> [RawPair] {
    var batch: [RawPair] = []
    do {
      while batch.count < count, let pair = try pairs!.next() { batch.append(pair) }
    } catch let error as TrainingDataError {
      // A command that fails breaks its stream off: that it failed says more.
      if pairs!.isAtEnd, let reason = try child.withLock({ $0 })?.failure() {
        throw failure(reason)
      }
      throw error
    }
    if batch.count < count, let reason = try child.withLock({ $0 })?.failure() {
      throw failure(reason)
    }
    return batch
  }

  private func begin(at start: Int) throws {
    let text = command.replacing("{seed}", with: String(seed))
      .replacing("{start}", with: String(start))
    let new = try PipeChild(command: text)
    child.withLock { $0 = new }
    if isStopped.load(ordering: .sequentiallyConsistent) { new.stop() }
    pairs = PairStream(new, name: TrainingData.pipePrefix + command)
  }

  /// Ends the command; a thread that reads it gets `PipeChild.Stopped`.
  func stop() {
    isStopped.store(true, ordering: .sequentiallyConsistent)
    child.withLock { $0 }?.stop()
  }

  private func failure(_ reason: String) -> TrainingDataError {
    .pipe(command: command, reason: reason, lines: child.withLock { $0 }?.lastLines ?? [])
  }
}

/// The pairs of a tar that comes through a pipe: files of one key that follow one another.
private struct PairStream {
  private var reader: TarReader<Input>
  private let name: String
  /// Number of pairs given.
  private(set) var count = 0
  private var key: String?
  private var picture: RawPair?
  private var text: [String]?
  private var json: [String]?

  init(_ child: PipeChild, name: String) {
    self.name = name
    reader = TarReader(Input(child: child), name: name, needsEnd: false)
  }

  var isAtEnd: Bool { reader.input.isAtEnd }

  /// The next pair with a picture; nil at the end.
  mutating func next() throws -> RawPair? {
    while let member = try reader.next() {
      guard let file = MemberName(member.name), file.kind != .other else { continue }
      let isNew = file.key != key || file.kind == .picture && picture != nil
      let finished = isNew ? take() : nil
      key = file.key
      let limit = file.kind == .picture ? PictureItem.pictureLimit : Captions.byteLimit
      guard member.size <= limit else {
        throw TrainingDataError.damagedTar(
          name, offset: member.offset, reason: "\(member.name) claims \(member.size) bytes")
      }
      let bytes = try reader.data(of: member)
      switch file.kind {
      case .picture: picture = RawPair(name: member.name, bytes: bytes, captions: [])
      case .text: text = Captions.lines(bytes)
      // A record that is none leaves the pair without a caption.
      case .json: json = (try? Captions.json(bytes)) ?? []
      case .other: break
      }
      if let finished { return finished }
    }
    return take()
  }

  private mutating func take() -> RawPair? {
    defer { (key, picture, text, json) = (nil, nil, nil, nil) }
    guard var pair = picture else { return nil }
    pair.captions = text ?? json ?? []
    count += 1
    return pair
  }

  private struct Input: TarInput {
    let child: PipeChild
    private(set) var offset = 0
    private(set) var isAtEnd = false

    init(child: PipeChild) { self.child = child }

    /// Memory grows with what arrives, not with what a header claims.
    mutating func read(_ count: Int) throws -> [UInt8] {
      var bytes: [UInt8] = []
      while bytes.count < count {
        let part = min(count - bytes.count, 1 << 20)
        let read = try [UInt8](unsafeUninitializedCapacity: part) { buffer, initialized in
          initialized = try child.read(into: UnsafeMutableRawBufferPointer(buffer))
        }
        guard !read.isEmpty else {
          isAtEnd = true
          break
        }
        if bytes.isEmpty { bytes = read } else { bytes += read }
        offset += read.count
      }
      return bytes
    }

    mutating func skip(_ count: Int) throws -> Bool {
      var rest = count
      while rest > 0 {
        let part = min(rest, 1 << 16)
        guard try read(part).count == part else { return false }
        rest -= part
      }
      return true
    }
  }
}
