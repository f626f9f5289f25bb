import Execution
import Guidance
import TensorGraph
import TestSupport
import Testing

/// Pictures that are composed small and enlarged.
@Suite struct GrowthTests {
  private let folder = try! TemporaryFolder()

  /// Two steps at 24×16, then three at 48×32.
  private func request(_ generator: String = "vqgan") throws -> RenderRequest {
    var request = try smallRequest()
    request.generator = generator
    if generator != "vqgan" { request.generatorWeights = nil }
    request.growth = [GrowthStage(side: 16, steps: 2)]
    request.steps = 3
    return request
  }

  @Test(arguments: Generators.names)
  func `A picture grows to its full size`(_ generator: String) throws {
    let session = try RenderSession(request(generator), on: .cpu)
    #expect(session.steps == 5)
    try session.step()
    #expect(session.descent.width == 24 && session.descent.height == 16)
    try session.step()
    let small = try session.descent.image()
    try session.step()
    #expect(session.stepsDone == 3 && session.descent.width == 48)
    // The first step at full size sees the small picture enlarged.
    let (large, enlarged) = (try session.descent.image(), small.resized(width: 48, height: 32))
    let difference = zip(large.pixels, enlarged.pixels).map { abs($0 - $1) }.reduce(0, +)
    #expect(difference / Float(large.pixels.count) < 0.15, "\(generator)")
    while session.stepsDone < session.steps { try session.step() }
    try session.write(to: folder.path("out.png"))
    let record = try RenderRecord(ofPicture: folder.path("out.png"))
    #expect(record.stepsDone == 5 && record.request.growth == [GrowthStage(side: 16, steps: 2)])
  }

  @Test(arguments: 1...4)
  func `A render resumes in any stage to the same picture`(_ stop: Int) throws {
    // One stop on the other devices, as each size compiles kernels of its own.
    for device in ComputeDevice.compared where stop == 2 || device.id == "cpu" {
      let whole = try RenderSession(request(), on: device)
      while whole.stepsDone < whole.steps { try whole.step() }
      let first = try RenderSession(request(), on: device)
      for _ in 0..<stop { try first.step() }
      try first.saved().write(to: folder.path("out.resume"))
      let second = try RenderSession(
        resuming: SavedRender(path: folder.path("out.resume")), on: device)
      #expect(second.stepsDone == stop)
      while second.stepsDone < second.steps { try second.step() }
      #expect(try second.descent.losses() == whole.descent.losses(), "\(device)")
      #expect(try second.descent.image() == whole.descent.image(), "\(device)")
    }
  }

  @Test func `The search for a start is for the first stage`() throws {
    var request = try request()
    request.starts = 2
    let plan = try RenderPlan(request, on: .cpu)
    #expect(try plan.stagePlans.map(\.steps) == [2])
    let session = try RenderSession(plan)
    #expect(session.descent.width == 24 && session.stepsDone == 0)
  }

  @Test func `Stages that do not fit are refused`() throws {
    func message(_ change: (inout RenderRequest) -> Void) throws -> String {
      var request = try request()
      change(&request)
      do { try request.validate() } catch { return "\(error)" }
      return ""
    }
    #expect(try message { $0.growth = [GrowthStage(side: 32)] }.contains("32 pixels does not fit"))
    #expect(
      try message { $0.growth = [GrowthStage(side: 16), GrowthStage(side: 16)] }
        .contains("stages grow"))
    #expect(try message { $0.growth = [GrowthStage(side: 16, steps: 0)] }.contains("0 steps of a stage"))
    #expect(try message { $0.losses["init-weight"] = 1 }.contains("do not go together"))
    #expect(try GrowthStage(parsing: "128:100") == GrowthStage(side: 128, steps: 100))
    for text in ["", "x", "128:", "1:2:3"] {
      #expect(throws: GuidanceError.self) { try GrowthStage(parsing: text) }
    }
  }
}
