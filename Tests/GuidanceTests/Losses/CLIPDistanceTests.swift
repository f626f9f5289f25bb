import Execution
import Foundation
import Guidance
import TestSupport
import Testing

/// Several perceptors at once.
@Suite struct CLIPDistanceTests {
  /// Two files of one name in two folders are two perceptors, and their record can be read.
  @Test func perceptorsOfOneNameAreTold() throws {
    let folder = try TemporaryFolder()
    let copy = folder.path("clip.safetensors")
    try FileManager.default.copyItem(atPath: Originals.perceptor, toPath: copy)
    let merges = URL(fileURLWithPath: Originals.perceptor).deletingLastPathComponent()
      .appendingPathComponent("merges.txt").path
    try FileManager.default.copyItem(atPath: merges, toPath: folder.path("merges.txt"))
    var request = try smallRequest()
    request.perceptors.append(RenderRequest.Perceptor(InputFile(copy), weight: 0.5))
    let session = try RenderSession(request, on: .cpu)
    try session.step(1)
    try session.write(to: folder.path("out.png"))
    let record = try RenderRecord(ofPicture: folder.path("out.png"))
    #expect(record.terms.map(\.name) == ["clip clip.safetensors (1)", "clip clip.safetensors (2)"])
    request.perceptors[1].weights = InputFile(folder.path("./clip.safetensors"))
    request.perceptors[0].weights = InputFile(copy)
    #expect(throws: GuidanceError.self) { try RenderPlan(request, on: .cpu) }
  }

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
