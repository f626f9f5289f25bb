import Execution
import Guidance
import Imaging
import TensorGraph
import TestSupport
import Testing

/// Small renders with the starter pair on every device.
@Suite struct RenderSessionTests {
  private let models = ModelFiles(
    generator: Originals.generator, perceptor: Originals.perceptor)

  private func settings() throws -> RenderSettings {
    var settings = RenderSettings(prompts: [try Prompt("a red house on green")])
    (settings.width, settings.height, settings.steps) = (48, 32, 6)
    settings.cutouts.count = 4
    settings.starts = 1
    return settings
  }

  @Test func theLossFallsAndRunsRepeatToTheByte() throws {
    for device in ComputeDevice.all() {
      var results: [(losses: [Float], picture: Image)] = []
      for _ in 0..<2 {
        let session = try RenderSession(try settings(), models: models, device: device)
        var losses: [Float] = []
        for _ in 0..<6 {
          try session.step()
          losses.append(try session.loss())
        }
        results.append((losses, try session.image()))
      }
      #expect(results[0].losses.last! < results[0].losses[0], "\(device.name)")
      #expect(results[0].losses == results[1].losses, "\(device.name)")
      #expect(results[0].picture == results[1].picture, "\(device.name)")
    }
  }

  /// Steps 2…N of a render allocate no buffer, build no program and create no kernel.
  @Test func theLoopMakesNothing() throws {
    for device in ComputeDevice.all() {
      let session = try RenderSession(try settings(), models: models, device: device)
      guard let executable = session.descent.executable as? OpenCLExecutable else { continue }
      try session.step()
      let before = executable.context.statistics
      #expect(before.kernelsCreated > 100)
      for _ in 0..<3 { try session.step() }
      _ = try session.loss()
      #expect(executable.context.statistics == before, "\(device.name)")
    }
  }

  @Test func thePictureStartsFromAPicture() throws {
    var settings = try settings()
    settings.initialImage = Image(width: 20, height: 30, color: [0.9, 0.1, 0.1])
    let session = try RenderSession(settings, models: models, device: .cpu)
    try session.step()
    let picture = try session.image()
    #expect((picture.width, picture.height) == (48, 32))
    let mean = (0..<3).map { channel in
      stride(from: channel, to: picture.pixels.count, by: 3).map { picture.pixels[$0] }
        .reduce(0, +) / Float(48 * 32)
    }
    #expect(mean[0] > 0.7 && mean[1] < 0.3 && mean[2] < 0.3, "mean colour \(mean)")
  }

  @Test func aPictureThatWasBegunAnewIsTheSame() throws {
    let descent = try RenderSession(try settings(), models: models, device: .cpu).descent
    let start = try descent.executable.read("latent")
    for _ in 0..<3 { try descent.step() }
    let picture = try descent.image()
    try descent.begin(from: start.map { -$0 })
    for _ in 0..<2 { try descent.step() }
    #expect(try descent.image() != picture)
    try descent.begin(from: start)
    for _ in 0..<3 { try descent.step() }
    #expect(try descent.image() == picture)
  }

  @Test func theBestOfSeveralStartsGoesOn() throws {
    func start(_ starts: Int, endingAfter last: Int = .max) throws -> (losses: [Float], Image) {
      var settings = try settings()
      settings.starts = starts
      var losses: [Float] = []
      let session = try RenderSession(settings, models: models, device: .cpu) { number, loss in
        losses.append(loss)
        #expect(number == losses.count)
        return number < last
      }
      try session.step()
      return (losses, try session.image())
    }
    let (losses, picture) = try start(4)
    #expect(losses.count == 4 && Set(losses).count == 4)
    let best = losses.firstIndex(of: losses.min()!)! + 1
    let (first, pictureOfBest) = try start(4, endingAfter: best)
    #expect(first == Array(losses[..<best]))
    #expect(pictureOfBest == picture)
    if best > 1 {
      let (_, worse) = try start(4, endingAfter: best - 1)
      #expect(worse != picture)
    }
  }

  @Test(arguments: [
    (128, 128, 64, 64, 64), (1024, 512, 224, 448, 224), (512, 256, 224, 256, 128),
    (48, 32, 64, 24, 16), (64, 200, 64, 32, 100), (300, 200, 64, 96, 64), (1, 1, 64, 1, 1),
  ])
  func startsAreSmallAndNoLargerThanThePerceptorSees(
    width: Int, height: Int, seen: Int, smallWidth: Int, smallHeight: Int
  ) {
    #expect(StartSearch.size(width, height, seen: seen) == (smallWidth, smallHeight))
  }

  @Test func theLearningRateFallsToAnEighth() throws {
    var settings = try settings()
    (settings.learningRate, settings.steps) = (0.8, 5)
    let graph = Graph()
    graph.output("rate", settings.learningRate(at: graph.literal([1, 2, 3, 4, 5, 9], [6])))
    let executable = try ComputeDevice.cpu.compile(graph)
    try executable.step()
    let rates = try executable.read("rate")
    for (rate, expected) in zip(rates, [0.8, 0.6975, 0.45, 0.2025, 0.1, 0.1] as [Float]) {
      #expect(abs(rate - expected) < 1e-4, "\(rates)")
    }
  }

  @Test func seedsAndPromptsMatter() throws {
    func render(_ change: (inout RenderSettings) throws -> Void) throws -> Image {
      var settings = try settings()
      try change(&settings)
      let session = try RenderSession(settings, models: models, device: .cpu)
      for _ in 0..<4 { try session.step() }
      return try session.image()
    }
    let picture = try render { _ in }
    #expect(try render { $0.seed = 1 } != picture)
    let avoided = try Prompt("a forest at night", weight: -0.5)
    #expect(try render { $0.prompts.append(avoided) } != picture)
  }

  @Test func sizesAreRoundedToTheFactor() throws {
    var settings = try settings()
    (settings.width, settings.height) = (37, 3)
    let session = try RenderSession(settings, models: models, device: .cpu)
    #expect((session.width, session.height) == (40, 8))
  }

  @Test func settingsOutOfRangeAreNamed() throws {
    let changes: [(inout RenderSettings) -> Void] = [
      { $0.prompts = [] }, { $0.width = 0 }, { $0.height = -8 }, { $0.steps = 0 },
      { $0.starts = 0 }, { $0.learningRate = 0 }, { $0.learningRate = .nan },
    ]
    for change in changes {
      var settings = try settings()
      change(&settings)
      #expect(throws: GuidanceError.self) {
        try RenderSession(settings, models: models, device: .cpu)
      }
    }
  }
}
