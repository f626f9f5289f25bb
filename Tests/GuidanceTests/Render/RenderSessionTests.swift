import Execution
import Guidance
import Imaging
import TensorGraph
import TestSupport
import Testing

/// Small renders with the starter pair on every device.
@Suite struct RenderSessionTests {
  @Test func theLossFallsAndRunsRepeatToTheByte() throws {
    for device in ComputeDevice.all() {
      var results: [(losses: [Float], picture: Image)] = []
      for _ in 0..<2 {
        let session = try RenderSession(smallRequest(), on: device)
        var losses: [Float] = []
        for _ in 0..<6 {
          try session.step(1)
          losses.append(try session.descent.losses().total)
        }
        results.append((losses, try session.descent.image()))
      }
      #expect(results[0].losses.last! < results[0].losses[0], "\(device.name)")
      #expect(results[0].losses == results[1].losses, "\(device.name)")
      #expect(results[0].picture == results[1].picture, "\(device.name)")
    }
  }

  /// Steps 2…N of a render allocate no buffer, build no program and create no kernel.
  @Test func theLoopMakesNothing() throws {
    for device in ComputeDevice.all() {
      let session = try RenderSession(smallRequest(), on: device)
      guard let executable = session.descent.executable as? OpenCLExecutable else { continue }
      try session.step(1)
      let before = executable.context.statistics
      #expect(before.kernelsCreated > 100)
      try session.step(3)
      _ = try session.descent.losses()
      #expect(executable.context.statistics == before, "\(device.name)")
    }
  }

  @Test func thePictureStartsFromAPicture() throws {
    let folder = try TemporaryFolder()
    var request = try smallRequest()
    request.initialImage = InputFile(
      try folder.write(Image(width: 20, height: 30, color: [0.9, 0.1, 0.1]), as: "in.png"))
    let session = try RenderSession(request, on: .cpu)
    try session.step(1)
    let picture = try session.descent.image()
    #expect((picture.width, picture.height) == (48, 32))
    let mean = (0..<3).map { channel in
      stride(from: channel, to: picture.pixels.count, by: 3).map { picture.pixels[$0] }
        .reduce(0, +) / Float(48 * 32)
    }
    #expect(mean[0] > 0.7 && mean[1] < 0.3 && mean[2] < 0.3, "mean colour \(mean)")
  }

  @Test func aPictureThatWasBegunAnewIsTheSame() throws {
    let descent = try RenderSession(smallRequest(), on: .cpu).descent
    let start = HostTensor(shape: [1, 4, 6, 64], try descent.executable.read("latent"))
    for _ in 0..<3 { try descent.step() }
    let picture = try descent.image()
    try descent.begin(from: ["latent": HostTensor(shape: start.shape, start.values.map { -$0 })])
    for _ in 0..<2 { try descent.step() }
    #expect(try descent.image() != picture)
    try descent.begin(from: ["latent": start])
    for _ in 0..<3 { try descent.step() }
    #expect(try descent.image() == picture)
  }

  @Test func theBestOfSeveralStartsGoesOn() throws {
    func start(_ starts: Int, endingAfter last: Int = .max) throws -> (losses: [Float], Image) {
      var request = try smallRequest()
      request.starts = starts
      var losses: [Float] = []
      let session = try RenderSession(request, on: .cpu) { number, loss in
        losses.append(loss)
        #expect(number == losses.count)
        return number < last
      }
      try session.step(1)
      #expect(session.changes.map(\.field) == (losses.count < starts ? ["starts"] : []))
      return (losses, try session.descent.image())
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
    let graph = Graph()
    graph.output("rate", LearningRate(0.8, steps: 5).at(graph.literal([1, 2, 3, 4, 5, 9], [6])))
    let executable = try ComputeDevice.cpu.compile(graph)
    try executable.step()
    let rates = try executable.read("rate")
    for (rate, expected) in zip(rates, [0.8, 0.6975, 0.45, 0.2025, 0.1, 0.1] as [Float]) {
      #expect(abs(rate - expected) < 1e-4, "\(rates)")
    }
  }

  @Test func seedsAndPromptsMatter() throws {
    func render(_ change: (inout RenderRequest) throws -> Void) throws -> Image {
      var request = try smallRequest()
      try change(&request)
      let session = try RenderSession(request, on: .cpu)
      try session.step(4)
      return try session.descent.image()
    }
    let picture = try render { _ in }
    #expect(try render { $0.seed = 1 } != picture)
    let avoided = try Prompt("a forest at night", weight: -0.5)
    #expect(try render { $0.prompts.append(avoided) } != picture)
  }

  @Test func sizesAreRoundedToTheFactor() throws {
    var request = try smallRequest()
    (request.width, request.height) = (37, 3)
    let resolved = try RenderPlan(request, on: .cpu).resolved
    #expect((resolved.width, resolved.height) == (40, 8))
  }

  @Test func settingsOutOfRangeAreNamed() throws {
    let changes: [(inout RenderRequest) -> Void] = [
      { $0.prompts = [] }, { $0.width = 0 }, { $0.height = -8 }, { $0.steps = 0 },
      { $0.starts = 0 }, { $0.learningRate = 0 }, { $0.learningRate = .nan },
      { $0.generator = "oil" }, { $0.optimizer = "sgd9000" }, { $0.losses["beauty"] = 1 },
      { $0.losses[TotalVariation.name] = -1 }, { $0.perceptors[0].weight = 0 },
      { $0.perceptors.append($0.perceptors[0]) }, { $0.generator = PixelGenerator.name },
    ]
    for change in changes {
      var request = try smallRequest()
      change(&request)
      #expect(throws: GuidanceError.self) { try RenderPlan(request, on: .cpu) }
    }
  }
}
