import Execution
import Foundation
import Guidance
import TestSupport
import Testing
import Weights

/// Renders that are saved and resumed.
@Suite struct SavedRenderTests {
  private let folder = try! TemporaryFolder()
  private var path: String { folder.path("saved.resume") }

  @Test func aResumedRenderEndsAsAnUninterruptedOne() throws {
    for device in ComputeDevice.all() {
      let whole = try RenderSession(smallRequest(), on: device)
      try whole.step(6)

      let first = try RenderSession(smallRequest(), on: device)
      try first.step(2)
      try first.saved().write(to: path)
      let saved = try SavedRender(path: path)
      #expect(saved.record.stepsDone == 2)
      let second = try RenderSession(resuming: saved, on: device)
      #expect(second.descent.stepsDone == 2)
      try second.step(4)
      #expect(try second.descent.losses() == whole.descent.losses(), "\(device)")
      #expect(try second.descent.image() == whole.descent.image(), "\(device)")
      #expect(try second.record().json() == whole.record().json())
    }
  }

  @Test func anotherDeviceIsRecorded() throws {
    let session = try RenderSession(smallRequest(), on: .cpu)
    try session.step(3)
    guard let other = ComputeDevice.all().dropFirst().first else { return }
    let resumed = try RenderSession(resuming: session.saved(), on: other)
    let change = try #require(resumed.changes.first)
    #expect(change.step == 3 && change.field == "device" && change.value == "\(other)")
  }

  @Test func damageIsNamed() throws {
    func message(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return ""
    }
    func reading() -> String { message { _ = try SavedRender(path: path) } }
    #expect(message { _ = try SavedRender(path: Originals.perceptor) }.contains("no saved render"))
    #expect(message { _ = try SavedRender(path: "/nonexistent") }.contains("/nonexistent"))

    let session = try RenderSession(smallRequest(), on: .cpu)
    try session.step(1)
    try session.saved().write(to: path)
    let file = try WeightFile(path: path)
    let text = try #require(file.metadata["tessera"])
    func write(_ key: String, _ text: String, latent: [Int] = [1, 4, 6, 64]) throws {
      var writer = SafetensorsWriter(metadata: [key: text])
      for tensor in file.tensors {
        let shape = tensor.name == "latent" ? latent : tensor.shape
        let values = [Float](repeating: 0, count: shape.reduce(1, *))
        writer.add(tensor.name, shape: shape) { () throws(WeightError) in values }
      }
      try writer.write(to: path)
    }
    for (old, new) in [
      (#""stepsDone":1"#, #""stepsDone":6"#), (#""stepsDone":1"#, #""stepsDone":-1"#),
      (#""batches":1"#, #""batches":0"#), (#""batches":1"#, #""batches":5"#),
      (#""steps":6"#, #""steps":"six""#), (#""steps":6"#, #""steps":-1"#),
      (#""text":"a red house on green""#, #""text":" ""#),
    ] {
      #expect(text.contains(old))
      try write("tessera", text.replacingOccurrences(of: old, with: new))
      #expect(reading().contains("record"), "\(new)")
    }
    try write("tessera", text, latent: [1, 6, 4, 64])
    let other = try SavedRender(path: path)
    let misfit = message { _ = try RenderSession(resuming: other, on: .cpu) }
    #expect(misfit.contains("latent") && misfit.contains("does not fit"), "\(misfit)")
    try write("tessera.render", "{}")
    #expect(reading().contains("Tessera 0.1"))
    let digest = try #require(session.record().request.perceptors[0].weights.sha256)
    let zeros = String(repeating: "0", count: 64)
    try write("tessera", text.replacingOccurrences(of: digest, with: zeros))
    let changed = try SavedRender(path: path)
    #expect(
      message { _ = try RenderSession(resuming: changed, on: .cpu) }
        .contains("clip.safetensors is missing or not the file"))
  }
}
