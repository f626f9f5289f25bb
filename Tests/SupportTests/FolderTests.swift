import Foundation
import Support
import Testing

@Suite struct FolderTests {
  @Test(arguments: [
    ("/c", "/h", "/c/tessera"), (nil, "/h", "/h/.cache/tessera"),
    ("relative", "/h", "/h/.cache/tessera"), ("", "/", "/.cache/tessera"),
    ("", nil, nil), (nil, "relative", nil),
  ] as [(String?, String?, String?)])
  func foldersFollowTheXDGRules(named: String?, home: String?, folder: String?) {
    #expect(UserFolder.path(named: named, byDefault: ".cache", home: home) == folder)
  }

  /// Both kinds of folder give the same answer, whatever the environment.
  @Test func thereIsAHomeForBothOrNeither() {
    #expect((UserFolder.data == nil) == (UserFolder.cache == nil))
  }

  @Test func installedFilesAreFoundFromTheProgram() {
    #expect(
      InstalledFiles.homes(of: "/opt/t/bin/tessera", environment: nil) == [
        "/opt/t/share/tessera", "/opt/t/bin", "/opt/t", "/opt", "/",
      ])
    #expect(
      InstalledFiles.homes(of: "/opt/t/bin/tessera", environment: "/else/").prefix(2) == [
        "/else", "/opt/t/share/tessera",
      ])
    #expect(InstalledFiles.path(of: "weights/manifest.json") != nil)
    #expect(InstalledFiles.path(of: "weights/none.json") == nil)
  }
}

@Suite struct ByteCountTests {
  @Test(arguments: [
    (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1_356_917, "1.4 MB"), (1_353_500_174, "1.35 GB"),
  ])
  func sizes(bytes: Int, text: String) {
    #expect(ByteCount.text(bytes) == text)
  }
}

@Suite struct RelativeErrorTests {
  @Test func isOverTheLargestValue() {
    #expect(maxRelativeError([1, 3], to: [1, 4]) == 0.25)
    #expect(maxRelativeError([0], to: [0]) == 0)
    #expect(maxRelativeError([.nan], to: [0]) == .infinity)
  }
}
