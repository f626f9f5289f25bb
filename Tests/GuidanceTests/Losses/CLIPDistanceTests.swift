import Execution
import Foundation
import Guidance
import TestSupport
import Testing

/// Several perceptors at once.
@Suite struct CLIPDistanceTests {
  /// The loss is the weighted sum of what each perceptor says alone.
  @Test func perceptorsAddUp() throws {
    let folder = try TemporaryFolder()
    for name in ["clip.safetensors", "merges.txt"] {
      let source = URL(fileURLWithPath: Originals.perceptor).deletingLastPathComponent()
        .appendingPathComponent(name)
      try FileManager.default.copyItem(atPath: source.path, toPath: folder.path(name))
    }
    let other = folder.path("other.safetensors")
    try FileManager.default.moveItem(atPath: folder.path("clip.safetensors"), toPath: other)
    for device in ComputeDevice.all() {
      func losses(_ perceptors: [RenderRequest.Perceptor]) throws -> Descent.Losses {
        var request = try smallRequest()
        request.perceptors = perceptors
        let session = try RenderSession(request, on: device)
        try session.step(1)
        return try session.descent.losses()
      }
      let first = RenderRequest.Perceptor(InputFile(Originals.perceptor))
      let alone = try losses([first])
      let both = try losses([first, RenderRequest.Perceptor(InputFile(other), weight: 0.5)])
      #expect(both.terms.map(\.name) == ["clip clip.safetensors", "clip other.safetensors"])
      #expect(both.terms.map(\.weight) == [1, 0.5])
      #expect(abs(both.total - 1.5 * alone.total) < 1e-5 * abs(alone.total), "\(device)")
    }
  }
}
