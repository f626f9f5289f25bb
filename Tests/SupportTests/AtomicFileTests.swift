import Foundation
import Support
import Testing

@Suite struct AtomicFileTests {
  @Test func aGoodPathIsWritableAndLeftAlone() throws {
    try withTemporaryFolder { folder in
      try AtomicFile.checkWritable(folder + "/new.png")
      #expect(try names(in: folder).isEmpty)
      try Data("kept".utf8).write(to: URL(fileURLWithPath: folder + "/old.png"))
      try AtomicFile.checkWritable(folder + "/old.png")
      #expect(try String(contentsOfFile: folder + "/old.png", encoding: .utf8) == "kept")
    }
  }

  @Test(arguments: [
    ("missing/out.png", "there is no folder"),
    ("file/out.png", "there is no folder"),
    ("", "it names a folder"),
    ("folder", "it is a folder"),
    ("folder/", "it names a folder"),
    ("pipe", "it is not a regular file"),
    ("pipe-link", "it is not a regular file"),
    ("dangling", "it is a link that leads nowhere"),
    (String(repeating: "n", count: 300), "name too long"),
  ])
  func refusals(name: String, reason: String) throws {
    try withTemporaryFolder { folder in
      try Data().write(to: URL(fileURLWithPath: folder + "/file"))
      try FileManager.default.createDirectory(
        atPath: folder + "/folder", withIntermediateDirectories: false)
      try #require(mkfifo(folder + "/pipe", 0o600) == 0)
      try link("dangling", to: "nowhere/at/all", in: folder)
      try link("pipe-link", to: "pipe", in: folder)
      let before = try names(in: folder)
      let path = folder + "/" + name
      let checked = try #require(throws: FileError.self) { try AtomicFile.checkWritable(path) }
      #expect(checked.description.lowercased().contains(reason), "\(checked)")
      #expect(throws: checked) { try AtomicFile.write(Data([1]), to: path) }
      #expect(try names(in: folder) == before)
    }
  }

  @Test func anEmptyPath() {
    #expect(throws: FileError.self) { try AtomicFile.checkWritable("") }
  }

  @Test(.enabled(if: access(".", W_OK) == 0, "the current folder is read-only"))
  func aRelativePath() throws {
    try AtomicFile.checkWritable("relative.png")
    #expect(!FileManager.default.fileExists(atPath: "relative.png"))
  }

  @Test(.enabled(if: geteuid() != 0, "root may write anywhere"))
  func aFolderWithoutPermission() throws {
    try withTemporaryFolder { folder in
      try #require(chmod(folder, 0o500) == 0)
      defer { chmod(folder, 0o700) }
      let error = try #require(throws: FileError.self) {
        try AtomicFile.checkWritable(folder + "/out.png")
      }
      #expect(error.description.contains("permission denied"))
    }
  }

  @Test func systemFoldersAndDevices() {
    #expect(throws: FileError.self) { try AtomicFile.write(Data([1]), to: "/dev/full") }
    #expect(throws: FileError.self) { try AtomicFile.checkWritable("/proc/self/out.png") }
  }

  /// The longest name that file systems take: the temporary file's must not depend on it.
  @Test func aLongName() throws {
    try withTemporaryFolder { folder in
      let name = String(repeating: "n", count: 255)
      try AtomicFile.checkWritable(folder + "/" + name)
      try AtomicFile.write(Data([1]), to: folder + "/" + name)
      #expect(try names(in: folder) == [name])
    }
  }

  @Test func linksAreFollowedAndPermissionsStay() throws {
    try withTemporaryFolder { folder in
      let target = folder + "/disk/file"
      try FileManager.default.createDirectory(
        atPath: folder + "/disk", withIntermediateDirectories: false)
      try Data("old".utf8).write(to: URL(fileURLWithPath: target))
      try #require(chmod(target, 0o640) == 0)
      try link("link", to: "disk/file", in: folder)
      try AtomicFile.write(Data("new".utf8), to: folder + "/link")
      #expect(try String(contentsOfFile: target, encoding: .utf8) == "new")
      #expect(try names(in: folder) == ["disk", "link"])
      #expect(try names(in: folder + "/disk") == ["file"])
      var status = stat()
      try #require(lstat(folder + "/link", &status) == 0)
      #expect(status.st_mode & S_IFMT == S_IFLNK)
      try #require(stat(target, &status) == 0)
      #expect(status.st_mode & 0o777 == 0o640)
    }
  }

  @Test func whatIsNotCommittedLeavesNothing() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/file"
      try Data("old".utf8).write(to: URL(fileURLWithPath: path))
      do {
        let file = try AtomicFile(path)
        try withUnsafeBytes(of: 7) { bytes in try file.write(bytes) }
      }
      #expect(try names(in: folder) == ["file"])
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
    }
  }

  /// A pipe answers `fsync` with EINVAL, as some network file systems do.
  @Test func aFileSystemWithoutFsync() throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    defer { for end in ends { close(end) } }
    try #require(fsync(ends[1]) != 0 && errno == EINVAL)
    #expect(flush(ends[1]) == 0)
    #expect(flush(-1) == EBADF)
  }

  private func link(_ name: String, to target: String, in folder: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: folder + "/" + name, withDestinationPath: target)
  }
}
