import Foundation
import OpenCLRuntime
import Testing

/// A directory of its own for each test, removed with it.
private final class Scratch {
  let url = FileManager.default.temporaryDirectory
    .appendingPathComponent("tessera-\(UUID().uuidString)")
  lazy var cache = ProgramCache(directory: url.appendingPathComponent("programs"))

  deinit { try? FileManager.default.removeItem(at: url) }

  func files() throws -> [URL] {
    try FileManager.default.contentsOfDirectory(
      at: cache.directory, includingPropertiesForKeys: nil)
  }
}

struct ProgramCacheTests {
  static let source = "kernel void put(global int *out) { out[get_global_id(0)] = VALUE; }"

  /// Builds or loads the program, runs it, and returns what it wrote.
  private func run(
    _ context: Context, cache: ProgramCache?, value: Int32 = 7, source: String = source
  ) throws -> Int32 {
    let program = try Program(
      source: source, options: "-DVALUE=\(value)", label: "put", context: context, cache: cache)
    let kernel = try Kernel(program: program, name: "put")
    let out = try Buffer(context: context, byteCount: 4)
    let queue = try Queue(context: context)
    try kernel.setArguments([.buffer(out)])
    try queue.enqueue(kernel, global: WorkSize(1))
    return try queue.read(out, count: 1, of: Int32(0))[0]
  }

  private func counts(_ context: Context) -> [Int] {
    [context.statistics.programsBuilt, context.statistics.programsLoaded]
  }

  @Test(arguments: everyDevice)
  func `A program is compiled once, across contexts`(device: Device) throws {
    let scratch = Scratch()
    let first = try Context(device: device)
    #expect(try run(first, cache: scratch.cache) == 7)
    #expect(counts(first) == [1, 0])
    let second = try Context(device: device)
    #expect(try run(second, cache: scratch.cache) == 7)
    #expect(counts(second) == [0, 1])
    #expect(try scratch.files().count == 1)
  }

  @Test(arguments: everyDevice)
  func `Other options or source is another program`(device: Device) throws {
    let scratch = Scratch()
    let context = try Context(device: device)
    #expect(try run(context, cache: scratch.cache, value: 7) == 7)
    #expect(try run(context, cache: scratch.cache, value: 8) == 8)
    let changed = Self.source.replacingOccurrences(of: "VALUE", with: "(VALUE * 2)")
    #expect(try run(context, cache: scratch.cache, value: 8, source: changed) == 16)
    #expect(counts(context) == [3, 0])
  }

  @Test(arguments: everyDevice)
  func `A damaged file is compiled anew and mended`(device: Device) throws {
    let scratch = Scratch()
    _ = try run(Context(device: device), cache: scratch.cache)
    let file = try #require(scratch.files().first)
    let intact = try Data(contentsOf: file)
    var flipped = intact
    flipped[intact.count - 9] ^= 4
    for damaged in [Data(), intact.prefix(40), intact.dropLast(), intact + [0], flipped] {
      try Data(damaged).write(to: file)
      let context = try Context(device: device)
      #expect(try run(context, cache: scratch.cache) == 7)
      #expect(counts(context) == [1, 0])
      let mended = try Context(device: device)
      #expect(try run(mended, cache: scratch.cache) == 7)
      #expect(counts(mended) == [0, 1])
    }
  }

  @Test(arguments: everyDevice)
  func `An intact file of garbage is refused by the driver and compiled anew`(
    device: Device
  ) throws {
    let scratch = Scratch()
    let context = try Context(device: device)
    let key = ProgramCache.Key(source: Self.source, options: "-DVALUE=7", device: device)
    scratch.cache.store(Array("no program".utf8), for: key)
    #expect(try run(context, cache: scratch.cache) == 7)
    #expect(counts(context) == [1, 0])
  }

  @Test(arguments: everyDevice)
  func `A file of another program under this one's name is not trusted`(device: Device) throws {
    let scratch = Scratch()
    let context = try Context(device: device)
    _ = try run(context, cache: scratch.cache, value: 8)
    let key = ProgramCache.Key(source: Self.source, options: "-DVALUE=7", device: device)
    try FileManager.default.moveItem(
      at: #require(scratch.files().first), to: scratch.cache.url(of: key))
    #expect(try run(context, cache: scratch.cache, value: 7) == 7)
    #expect(counts(context) == [2, 0])
  }

  @Test(arguments: everyDevice)
  func `Where nothing can be written, nothing is cached`(device: Device) throws {
    let scratch = Scratch()
    try FileManager.default.createDirectory(at: scratch.url, withIntermediateDirectories: true)
    try Data().write(to: scratch.cache.directory)  // a file where the directory should be
    let context = try Context(device: device)
    #expect(try run(context, cache: scratch.cache) == 7)
    #expect(try run(context, cache: scratch.cache) == 7)
    #expect(try run(context, cache: nil) == 7)
    #expect(counts(context) == [3, 0])
  }

  @Test(arguments: everyDevice)
  func `A build failure carries label, options and the compiler's log`(device: Device) throws {
    let scratch = Scratch()
    let context = try Context(device: device)
    let error = #expect(throws: OpenCLError.self) {
      _ = try Program(
        source: "kernel void f(global int *x) { x[0] = nowhere; }", options: "-DTILE=8",
        label: "conv2d_broken", context: context, cache: scratch.cache)
    }
    guard case .buildFailed(let program, let options, let name, _, let log) = error else {
      Issue.record("not a build failure: \(String(describing: error))")
      return
    }
    #expect([program, options, name] == ["conv2d_broken", "-DTILE=8", device.description])
    #expect(log.contains("nowhere"))
    #expect(counts(context) == [0, 0])
    #expect(throws: (any Error).self) { try scratch.files() }
  }
}
