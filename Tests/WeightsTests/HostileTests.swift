import Foundation
import TestSupport
import Testing
import Weights

/// Every hostile file is refused for what is wrong with it, from a disk and from memory.
@Suite struct HostileTests {
  @Test(arguments: HostileFile.all)
  func isRefused(file: HostileFile) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(file.bytes(), as: file.name)
    if let size = file.size { try #require(truncate(path, size) == 0) }
    let error = weightError { _ = try WeightFile(path: path) }
    #expect(error?.description.hasPrefix("\(path): ") == true, "\(error!)")
    #expect(error?.description.contains(file.message) == true, "\(error!)")
    if file.size == nil {
      let inMemory = weightError { _ = try WeightFile(bytes: file.bytes(), name: path) }
      #expect(inMemory == error)
    }
  }

  @Test func theyAreMany() {
    #expect(HostileFile.all.count >= 60)
    #expect(Set(HostileFile.all.map(\.name)).count == HostileFile.all.count)
  }
}
