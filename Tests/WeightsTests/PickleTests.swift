import TestSupport
import Testing
import Weights

/// What hostile pickles do is in TestSupport/Hostile.
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

  @Test func aViewIsReadAsDescribed() throws {
    let file = try open(
      checkpoint(pickle: pickle(view(shape: [2, 2], strides: [1, 2], offset: 1))))
    #expect(try file["w"]?.floats() == [1, 3, 2, 4])
    #expect(file.tensors.count == 1)
  }

  @Test func anEmptyViewMayPointAnywhere() throws {
    let value = view(shape: [0, 3], strides: [3, 1], offset: .max)
    let file = try open(checkpoint(pickle: pickle(value)))
    #expect(try file["w"]?.floats() == [])
  }

  @Test(
    arguments: [
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
}
