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
    ("dangling", "it is a link that leads nowhere"),
    (String(repeating: "n", count: 300), "name too long"),
  ])
  func refusals(name: String, reason: String) throws {
    try withTemporaryFolder { folder in
      try Data().write(to: URL(fileURLWithPath: folder + "/file"))
      try FileManager.default.createDirectory(
        atPath: folder + "/folder", withIntermediateDirectories: false)
      try link("dangling", to: "nowhere/at/all", in: folder)
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

  @Test func aPipeIsWrittenTo() throws {
    try withTemporaryFolder { folder in
      try #require(mkfifo(folder + "/pipe", 0o600) == 0)
      try link("pipe-link", to: "pipe", in: folder)
      for name in ["pipe", "pipe-link"] {
        try AtomicFile.checkWritable(folder + "/" + name)
        let reader = open(folder + "/pipe", O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        try AtomicFile.write(Data("bytes".utf8), to: folder + "/" + name)
        var bytes = [UInt8](repeating: 0, count: 16)
        #expect(read(reader, &bytes, 16) == 5 && bytes.starts(with: "bytes".utf8))
      }
      #expect(try names(in: folder) == ["pipe", "pipe-link"])
    }
  }

  /// A descriptor is written to where it stands; one that is not open for writing is refused.
  @Test func aDescriptorIsWrittenTo() throws {
    try withTemporaryFolder { folder in
      try Data("line\n".utf8).write(to: URL(fileURLWithPath: folder + "/log"))
      let descriptor = open(folder + "/log", O_WRONLY | O_APPEND)
      defer { close(descriptor) }
      try link("link", to: "/proc/self/fd/\(descriptor)", in: folder)
      for path in ["/dev/fd/\(descriptor)", "/proc/self/fd/\(descriptor)", folder + "/link"] {
        try AtomicFile.write(Data("more\n".utf8), to: path)
      }
      #expect(
        try String(contentsOfFile: folder + "/log", encoding: .utf8) == "line\nmore\nmore\nmore\n")
      let input = open(folder + "/log", O_RDONLY)
      defer { close(input) }
      #expect(throws: FileError.self) { try AtomicFile.checkWritable("/dev/fd/\(input)") }
      #expect(throws: FileError.self) { try AtomicFile.checkWritable("/dev/fd/999") }
    }
  }

  /// A file is the one that is read by whatever name, also if it is anywhere in a folder that is.
  @Test func inputsAreNotWritten() throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(
        atPath: folder + "/in/deep", withIntermediateDirectories: true)
      try Data("kept".utf8).write(to: URL(fileURLWithPath: folder + "/in/deep/file"))
      try link("soft", to: "in/deep/file", in: folder)
      try link("in/deep/up", to: "..", in: folder)
      try #require(Glibc.link(folder + "/in/deep/file", folder + "/hard") == 0)
      for name in ["in/deep/file", "soft", "hard"] {
        for input in ["in", "in/deep/file", "soft", "hard"] {
          let error = #expect(throws: FileError.self, "\(name) \(input)") {
            try AtomicFile.checkWritable(folder + "/" + name, reading: [folder + "/" + input])
          }
          #expect(error?.description.contains("is also what is read") == true)
        }
      }
      try AtomicFile.checkWritable(folder + "/in/new", reading: [folder + "/in", folder + "/none"])
    }
  }

  /// What a process that was killed has left is removed; what a live one writes is not.
  @Test func abandonedFilesAreRemoved() throws {
    try withTemporaryFolder { folder in
      let written = try AtomicFile(folder + "/a.png")
      try Data().write(to: URL(fileURLWithPath: folder + "/.999999-1.tmp"))
      try Data().write(to: URL(fileURLWithPath: folder + "/.notes-1.tmp"))
      try AtomicFile.checkWritable(folder + "/b.png")
      let left = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(left.count == 2 && left.contains(".notes-1.tmp"), "\(left)")
      withExtendedLifetime(written) {}
    }
  }

  /// One claim on a file at a time, by whatever name.
  @Test func oneClaimOnAFile() throws {
    try withTemporaryFolder { folder in
      try Data().write(to: URL(fileURLWithPath: folder + "/file"))
      try link("soft", to: "file", in: folder)
      do {
        let claim = try OutputClaim(folder + "/file")
        #expect(throws: FileError.self) { try OutputClaim(folder + "/soft") }
        #expect(throws: FileError.self) { try OutputClaim(folder + "/../" + folder.split(separator: "/").last! + "/file") }
        _ = try OutputClaim(folder + "/other")
        withExtendedLifetime(claim) {}
      }
      _ = try OutputClaim(folder + "/soft")
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
