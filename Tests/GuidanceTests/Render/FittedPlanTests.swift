import Execution
import Guidance
import Models
import TensorGraph
import TestSupport
import Testing

/// Steps in little memory: what they cost, and that they are the same.
@Suite struct FittedPlanTests {
  private func request(cutouts: Int) throws -> RenderRequest {
    var request = try smallRequest()
    request.cutouts.count = cutouts
    return request
  }

  private func problem(cutouts: Int) throws -> (GuidanceProblem, CLIPDistance) {
    let clip = try CLIPCheckpoint(path: Originals.perceptor)
    let distance = CLIPDistance(clip.configuration, clip.weights, promptCount: 1)
    var problem = GuidanceProblem(
      try VQGANGenerator(path: Originals.generator), losses: [distance], width: 48, height: 32,
      steps: 6)
    problem.cutouts.count = cutouts
    return (problem, distance)
  }

  private func device(_ device: ComputeDevice, limit: Int) -> ComputeDevice {
    var device = device
    device.memoryLimit = limit
    return device
  }

  /// The loss to 1e-6 and its gradient, of which Adam's first moment is a tenth after one step, to
  /// 1e-5 of its largest value: batches add the same numbers in another order. Where kernels of
  /// every size of batch must be compiled first, there are two batches.
  @Test func batchesChangeNothingButRounding() throws {
    let (problem, distance) = try problem(cutouts: 4)
    let text = (0..<distance.configuration.embeddingWidth).map { Float($0 % 7) - 3 }
    for device in ComputeDevice.all() {
      func step(_ batches: Int) throws -> (loss: Float, gradient: [Float]) {
        let executable = try device.compile(GuidanceGraph(problem, batches: batches).graph)
        for (name, value) in distance.inputs(targets: [text], weights: [1]) {
          try executable.write(name, value.values)
        }
        try executable.write("latent", (0..<24 * 64).map { Float($0 % 11) / 8 - 0.6 })
        try executable.step()
        return (try executable.read("loss")[0], try executable.read("latent/first moment"))
      }
      let whole = try step(1)
      for batches in device.id == "cpu" ? [2, 3, 4] : [2] {
        let parts = try step(batches)
        #expect(abs(parts.loss - whole.loss) <= 1e-6 * abs(whole.loss), "\(batches) on \(device)")
        let error = relativeError(parts.gradient.map(Double.init), whole.gradient.map(Double.init))
        #expect(error <= 1e-5, "\(batches) batches on \(device): \(error)")
      }
    }
  }

  /// One batch after the other, forwards and backwards, needs the activations of one.
  @Test func batchesNeedLessMemory() throws {
    let (problem, _) = try problem(cutouts: 16)
    let totals = try [1, 2, 4].map {
      try ComputeDevice.cpu.plan(GuidanceGraph(problem, batches: $0).graph).arenas.reduce(0, +)
    }
    #expect(totals[1] < totals[0] * 7 / 10 && totals[2] < totals[1] * 8 / 10, "\(totals)")
  }

  @Test func whereMemoryIsShortTheCheapestWayIsTaken() throws {
    let (problem, _) = try problem(cutouts: 16)
    func planned(_ share: Double, of whole: Plan) throws -> FittedPlan {
      let bytes = whole.ownBytes + Int(Double(whole.totalBytes - whole.ownBytes) * share)
      let step = try FittedPlan(cutouts: 16, on: device(.cpu, limit: bytes)) {
        try GuidanceGraph(problem, batches: $0).graph
      }
      #expect(step.plan.totalBytes <= bytes)
      return step
    }
    let whole = try ComputeDevice.cpu.plan(GuidanceGraph(problem, batches: 1).graph)
    let (ample, snug, tight) = (
      try planned(1, of: whole), try planned(0.9, of: whole), try planned(0.35, of: whole)
    )
    #expect(ample.batches == 1 && ample.plan.repeatedShare == 0)
    #expect(snug.batches == 1 && snug.plan.repeatedShare > 0)
    #expect(tight.batches > 1)
  }

  /// What is computed again is the same, so the picture is.
  @Test func thePictureDoesNotDependOnMemory() throws {
    for compute in ComputeDevice.all() {
      func picture(_ device: ComputeDevice) throws -> (RenderSession, loss: Float) {
        let session = try RenderSession(request(cutouts: 4), on: device)
        try session.step(3)
        return (session, try session.descent.losses().total)
      }
      let (whole, loss) = try picture(compute)
      let plan = whole.descent.executable.plan
      let limit = plan.ownBytes + (plan.totalBytes - plan.ownBytes) * 9 / 10
      let (small, smallLoss) = try picture(device(compute, limit: limit))
      try #require(small.resolved.batches == 1)
      let smallPlan = small.descent.executable.plan
      #expect(smallPlan.totalBytes <= limit && smallPlan.repeatedShare > 0)
      #expect(smallLoss == loss, "\(compute)")
      #expect(try small.descent.image() == whole.descent.image(), "\(compute)")
    }
  }

  @Test func thePlanIsWhatRuns() throws {
    let device = device(.cpu, limit: 1 << 30)
    let plan = try RenderPlan(request(cutouts: 4), on: device)
    let session = try RenderSession(plan)
    #expect(plan.step.description == session.descent.executable.plan.description)
    #expect(try plan.resolved == session.resolved && plan.searchPlan == nil)
    #expect(plan.step.weightBytes < plan.step.ownBytes)
    #expect(plan.step.setupBytes <= plan.step.totalBytes)
  }

  @Test func theErrorNamesWhatFits() throws {
    var request = try request(cutouts: 4)
    let whole = try RenderPlan(request, on: .cpu).step
    let limited = device(.cpu, limit: whole.totalBytes)
    (request.width, request.height) = (384, 256)
    let error = #expect(throws: GuidanceError.self) {
      try RenderPlan(request, on: limited)
    }
    guard case .memory(let message) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(message.hasPrefix("384x256 pixels with 4 cutouts: this needs "))
    let fitting = try #require(
      (1..<32).map { 8 * $0 }.first { message.contains("; \($0 * 3 / 2 / 8 * 8)x\($0) would fit") })
    for (height, fits) in [(fitting, true), (fitting + 8, false)] {
      (request.width, request.height) = (height / 8 * 3 / 2 * 8, height)
      let forecast = try? RenderPlan(request, on: limited)
      #expect((forecast != nil) == fits, "\(request.width)x\(height)")
    }
    let none = #expect(throws: GuidanceError.self) {
      try RenderPlan(request, on: device(.cpu, limit: 1 << 20))
    }
    #expect(none?.description.contains("not even the smallest picture fits") == true)
  }
}
