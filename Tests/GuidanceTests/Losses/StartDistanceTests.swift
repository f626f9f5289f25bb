import Execution
import Foundation
import Guidance
import Imaging
import TestSupport
import Testing

/// Renders that are held to where they start.
@Suite struct StartDistanceTests {
  private let folder = try! TemporaryFolder()

  private func session(_ weight: Float) throws -> RenderSession {
    var request = try smallRequest([Prompt("a blue boat on the sea")])
    request.steps = 20
    let red = Image(width: 48, height: 32, color: [0.9, 0.1, 0.1])
    request.initialImage = InputFile(try folder.write(red, as: "red.png"))
    request.losses[StartDistance.name] = weight
    return try RenderSession(request, on: .cpu)
  }

  /// The greater the weight, the less far the latent goes; at its start it costs nothing.
  @Test func theLatentStaysNearItsStart() throws {
    func outcome(_ weight: Float) throws -> (loss: Float, way: Float) {
      let session = try session(weight)
      let executable = session.descent.executable
      let start = try executable.read("latent")
      try session.step(1)
      let loss = try session.descent.losses().total
      try session.step(19)
      let way = zip(try executable.read("latent"), start).map { abs($0 - $1) }.reduce(0, +)
      return (loss, way / Float(start.count))
    }
    let (free, held, fixed) = (try outcome(0), try outcome(1), try outcome(100))
    #expect(free.loss == held.loss && held.loss == fixed.loss)
    #expect(held.way < 0.9 * free.way && fixed.way < 0.5 * held.way, "\(free) \(held) \(fixed)")
  }

  /// Half the weight times the mean squared distance is what the loss has more.
  @Test func theLossCountsTheWay() throws {
    func loss(_ weight: Float) throws -> Float {
      let session = try session(weight)
      let executable = session.descent.executable
      let start = try executable.read("latent")
      try executable.write("latent", start.map { $0 + 0.01 })
      try session.step(1)
      return try session.descent.losses().total
    }
    let (free, held) = (try loss(0), try loss(1000))
    #expect(abs(held - free - 500 * 0.0001) < 1e-4, "\(free) \(held)")
  }

  @Test func aResumedRenderIsHeldToTheSameStart() throws {
    let path = folder.path("saved.resume")
    let whole = try session(2)
    try whole.step(6)
    let first = try session(2)
    try first.step(3)
    try first.saved().write(to: path)
    let second = try RenderSession(resuming: SavedRender(path: path), on: .cpu)
    try second.step(3)
    #expect(try second.descent.losses() == whole.descent.losses())
    #expect(try second.descent.losses().terms.map(\.name) == ["clip", "init-weight"])
    #expect(try second.descent.image() == whole.descent.image())
  }
}
