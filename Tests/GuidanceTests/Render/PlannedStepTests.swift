import Execution
import Guidance
import Models
import TensorGraph
import TestSupport
import Testing

/// Steps in little memory: what they cost, and that they are the same.
@Suite struct PlannedStepTests {
  private let models = ModelFiles(
    generator: Originals.generator, perceptor: Originals.perceptor)

  private func settings(cutouts: Int) throws -> RenderSettings {
    var settings = RenderSettings(prompts: [try Prompt("a red house on green")])
    (settings.width, settings.height, settings.steps) = (48, 32, 6)
    (settings.cutouts.count, settings.starts) = (cutouts, 1)
    return settings
  }

  private func graph(_ settings: RenderSettings, batches: Int) throws -> Graph {
    let graph = Graph()
    let vqgan = try VQGAN(try VQGANCheckpoint(path: models.generator), in: graph)
    let clip = try CLIP(try CLIPCheckpoint(path: models.perceptor), in: graph)
    let text = (0..<clip.configuration.embeddingWidth).map { Float($0 % 7) - 3 }
    return GuidanceStep(settings, vqgan: vqgan, clip: clip, targets: [text], batches: batches).graph
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
    let settings = try settings(cutouts: 4)
    for device in ComputeDevice.all() {
      func step(_ batches: Int) throws -> (loss: Float, gradient: [Float]) {
        let executable = try device.compile(graph(settings, batches: batches))
        try executable.write("latent", (0..<24 * 64).map { Float($0 % 11) / 8 - 0.6 })
        try executable.step()
        return (try executable.read("loss")[0], try executable.read("first moment"))
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
    let settings = try settings(cutouts: 16)
    let totals = try [1, 2, 4].map {
      try ComputeDevice.cpu.plan(graph(settings, batches: $0)).arenas.reduce(0, +)
    }
    #expect(totals[1] < totals[0] * 7 / 10 && totals[2] < totals[1] * 8 / 10, "\(totals)")
  }

  @Test func whereMemoryIsShortTheCheapestWayIsTaken() throws {
    let settings = try settings(cutouts: 16)
    func planned(_ share: Double, of whole: Plan) throws -> PlannedStep {
      let bytes = whole.ownBytes + Int(Double(whole.totalBytes - whole.ownBytes) * share)
      let step = try PlannedStep(cutouts: 16, on: device(.cpu, limit: bytes)) {
        try graph(settings, batches: $0)
      }
      #expect(step.plan.totalBytes <= bytes)
      return step
    }
    let whole = try ComputeDevice.cpu.plan(graph(settings, batches: 1))
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
        let session = try RenderSession(try settings(cutouts: 4), models: models, device: device)
        for _ in 0..<3 { try session.step() }
        return (session, try session.loss())
      }
      let (whole, loss) = try picture(compute)
      let plan = whole.plan
      let limit = plan.ownBytes + (plan.totalBytes - plan.ownBytes) * 9 / 10
      let (small, smallLoss) = try picture(device(compute, limit: limit))
      try #require(small.batches == 1)
      #expect(small.plan.totalBytes <= limit && small.plan.repeatedShare > 0)
      #expect(smallLoss == loss, "\(compute)")
      #expect(try small.image() == whole.image(), "\(compute)")
    }
  }

  @Test func theForecastIsWhatRuns() throws {
    let settings = try settings(cutouts: 4)
    let device = device(.cpu, limit: 1 << 30)
    let forecast = try RenderForecast(settings, models: models, device: device)
    let session = try RenderSession(settings, models: models, device: device)
    #expect(forecast.step.description == session.plan.description)
    #expect(forecast.batches == session.batches && forecast.search == nil)
    #expect(forecast.step.weightBytes < forecast.step.ownBytes)
    #expect(forecast.step.setupBytes <= forecast.step.totalBytes)
  }

  @Test func theErrorNamesWhatFits() throws {
    var settings = try settings(cutouts: 4)
    let whole = try RenderForecast(settings, models: models, device: .cpu).step
    let limited = device(.cpu, limit: whole.totalBytes)
    (settings.width, settings.height) = (384, 256)
    let error = #expect(throws: GuidanceError.self) {
      try RenderForecast(settings, models: models, device: limited)
    }
    guard case .memory(let message) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(message.hasPrefix("384x256 pixels with 4 cutouts: this needs "))
    let fitting = try #require(
      (1..<32).map { 8 * $0 }.first { message.contains("; \($0 * 3 / 2 / 8 * 8)x\($0) would fit") })
    for (height, fits) in [(fitting, true), (fitting + 8, false)] {
      (settings.width, settings.height) = (height / 8 * 3 / 2 * 8, height)
      let forecast = try? RenderForecast(settings, models: models, device: limited)
      #expect((forecast != nil) == fits, "\(settings.width)x\(height)")
    }
    let none = #expect(throws: GuidanceError.self) {
      try RenderForecast(settings, models: models, device: device(.cpu, limit: 1 << 20))
    }
    #expect(none?.description.contains("not even the smallest picture fits") == true)
  }
}
