import Testing
import Weights

@Suite struct PickleTests {
  private func open(_ bytes: [UInt8]) throws -> WeightFile {
    let folder = try TemporaryFolder()
    return try WeightFile(path: try folder.write(bytes))  // the mapping outlives the folder
  }

  @Test func theFixtureThatWouldRunACommand() {
    let error = weightError { _ = try WeightFile(path: fixture("hostile.pt")) }
    guard case .refused(_, _, let name)? = error else { return #expect(Bool(false), "\(error!)") }
    #expect(name == "posix.system")
    #expect(error!.description.contains("nothing was run"))
  }

  @Test(arguments: [
    "os system", "builtins eval", "builtins getattr", "torch load",
    "torch.nn.modules.linear Linear", "collections OrderedDict.fromkeys",
    "pytorch_lightningx evil", "numpy load",
  ])
  func refusedNames(global: String) throws {
    let parts = global.split(separator: " ")
    let byName = [0x63] + "\(parts[0])\n\(parts[1])\n".utf8
    let byStack = unicode(String(parts[0])) + unicode(String(parts[1])) + [0x93]
    for value in [byName, byStack] {
      let call = value + [0x29, 0x52]  // () REDUCE
      let error = weightError { _ = try open(checkpoint(pickle: pickle(call))) }
      guard case .refused(_, _, let name)? = error else {
        return #expect(Bool(false), "\(error!)")
      }
      #expect(name == parts.joined(separator: "."))
    }
  }

  @Test func aViewIsReadAsDescribed() throws {
    let file = try open(checkpoint(pickle: pickle(view(shape: [2, 2], strides: [1, 2], offset: 1))))
    #expect(try file["w"]?.floats() == [1, 3, 2, 4])
    #expect(file.tensors.count == 1)
  }

  @Test(arguments: [
    view(shape: [7], strides: [1]),
    view(shape: [6], strides: [1], offset: 1),
    view(shape: [2, 2], strides: [1, 5]),
    view(shape: [2], strides: [-1], offset: 3),
    view(shape: [1], strides: [1], offset: -1),
    view(shape: [1], strides: [1], offset: .max),
    view(shape: [-1], strides: [1]),
    view(shape: [2, 3], strides: [1]),
    view(shape: [3, 3], strides: [.max, .max]),
    view(shape: [1 << 32, 1 << 32], strides: [0, 0]),
    view(shape: [1 << 40], strides: [0]),
    view(shape: [1], strides: [1], count: 7),
    view(shape: [1], strides: [1], count: -1),
    view(shape: [1], strides: [1], count: .max),
    view(shape: [1], strides: [1], key: "1"),
    view(shape: [4], strides: [1], storage: "torch\nDoubleStorage"),
    view(shape: [4], strides: [1], storage: "torch\nDoubleStorage", count: 3),
    view(shape: [1], strides: [1], storage: "collections\nOrderedDict"),
    view(shape: [1], strides: [1], storage: "torch.storage\nUntypedStorage"),
  ])
  func viewsOutsideTheirStorage(value: [UInt8]) throws {
    let error = weightError { _ = try open(checkpoint(pickle: pickle(value))) }
    guard case .damaged? = error else { return #expect(Bool(false), "\(error!)") }
  }

  @Test func anEmptyViewMayPointAnywhere() throws {
    let value = view(shape: [0, 3], strides: [3, 1], offset: .max)
    let file = try open(checkpoint(pickle: pickle(value)))
    #expect(try file["w"]?.floats() == [])
  }

  @Test(arguments: [
    [], [0x80], [0x2e], [0x80, 2, 0xff], [0x80, 2, 0x52, 0x2e], [0x65], [0x28, 0x2e],
    [0x68, 9, 0x2e], [0x4e, 0x4e, 0x61, 0x2e], [0x4e, 0x4e, 0x4e, 0x73, 0x2e],
    [0x7d, 0x28, 0x4e, 0x75, 0x2e], [0x4e, 0x51, 0x2e], [0x29, 0x51, 0x2e],
    [0x58, 0xff, 0xff, 0xff, 0x7f], [0x8d, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    [0x58, 1, 0, 0, 0, 0xff, 0x2e], [0x63, 0x61, 0x0a], [0x4e, 0x4e, 0x93, 0x2e],
    [0x4e, 0x29, 0x52, 0x2e], [0x4e, 0x29, 0x81, 0x2e], [0x28, 0x30, 0x2e], [0x85, 0x2e],
  ] as [[UInt8]])
  func malformedPickles(bytes: [UInt8]) {
    let error = weightError { _ = try open(checkpoint(pickle: bytes)) }
    guard case .damaged? = error else { return #expect(Bool(false), "\(error!)") }
  }

  @Test func aPickleWithoutTensors() {
    let error = weightError { _ = try open(checkpoint(pickle: pickle([0x4e]))) }
    #expect(error?.description.contains("a pickle without tensors") == true)
  }

  @Test func bigEndianArchive() {
    let bytes = checkpoint(pickle: pickle(view(shape: [1], strides: [1])), byteOrder: "big")
    let error = weightError { _ = try open(bytes) }
    #expect(error?.description.contains("big-endian byte order is not supported") == true)
  }

  @Test func aDictionaryThatContainsItself() {
    // d = {}; d["w"] = d, by way of memo 0.
    let bytes = [0x7d, 0x71, 0] + unicode("w") + [0x68, 0, 0x73, 0x2e]
    let error = weightError { _ = try open(checkpoint(pickle: bytes)) }
    #expect(error?.description.contains("this deep or large") == true)
  }

  @Test func listsDoubledOverAndOver() {
    // l = []; thirty times l = [l, l]: a tree of 2³⁰ leaves in 200 bytes.
    var bytes: [UInt8] = [0x5d]
    for _ in 0..<30 { bytes += [0x71, 0, 0x30, 0x68, 0, 0x68, 0, 0x86] }
    let error = weightError { _ = try open(checkpoint(pickle: pickle(bytes))) }
    #expect(error?.description.contains("this deep or large") == true)
  }

  @Test func nestingDeeperThanAnyStack() {
    // t = (); a million times t = (t,): freeing it must not recurse either.
    let bytes = [0x29] + [UInt8](repeating: 0x85, count: 1_000_000) + [0x2e]
    let error = weightError { _ = try open(checkpoint(pickle: bytes)) }
    #expect(error?.description.contains("this deep or large") == true)
  }
}
