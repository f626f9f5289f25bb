import Execution
import Imaging
import TensorGraph

/// One picture being painted: a generator's parameters, moved step by step to where CLIP sees the
/// prompts.
///
/// Everything from the parameters to the new parameters is one compiled program, run once a step.
///
///     let request = RenderRequest(prompts: [try Prompt("a red house on green")])
///     let session = try RenderSession(request, on: .automatic)
///     while session.stepsDone < session.steps { try session.step() }
///     try session.write(to: "picture.png")
public final class RenderSession {
  /// Descent of the stage that the render is in.
  public var descent: Descent { current! }
  /// Nil only while one stage makes room for the next.
  private var current: Descent?
  /// Request as asked, with the models that it left to be chosen.
  public let request: RenderRequest
  public let resolved: ResolvedRender
  /// Changes made on the way.
  public private(set) var changes: [RenderRecord.Change]
  /// Embeddings and weights of the prompts: values of the program's inputs.
  private let promptInputs: [String: HostTensor<Float>]
  /// Problems of all stages, the picture's own last, and which of them ``descent`` has.
  private let problems: [GuidanceProblem]
  private var stage: Int
  private let device: ComputeDevice

  /// Opens the models, plans and compiles the step, embeds the prompts and finds a start.
  /// - Parameters:
  ///   - decided: precision and batches of an earlier render that is to be repeated.
  ///   - onStart: see ``init(_:onStart:)``.
  /// - Throws: an error that names the setting, file, tensor or device at fault.
  public convenience init(
    _ request: RenderRequest, on device: ComputeDevice, as decided: ResolvedRender? = nil,
    onStart: (Int, Float) -> Bool = { _, _ in true }
  ) throws {
    try self.init(RenderPlan(request, on: device, as: decided), onStart: onStart)
  }

  /// Runs a plan up to its first step.
  ///
  /// Unless there is a picture to start from, one is found as ``RenderRequest/start`` says.
  /// - Parameter onStart: called after every start tried, with its number, from 1, and its loss;
  ///   when it returns false, the best so far is taken.
  public init(_ plan: RenderPlan, onStart: (Int, Float) -> Bool = { _, _ in true }) throws {
    resolved = plan.resolved
    let request = plan.request
    (problems, stage, device) = (plan.problems, 0, plan.device)
    let (problem, device) = (plan.problems[0], plan.device)
    let targets = try plan.models.promptEmbeddings(on: device)
    promptInputs = try plan.models.promptInputs(targets)
    // What the search for a start and the encoder read of the step's weights stays for it.
    let weights = try device.lease(weightsOf: plan.step)
    var changes: [RenderRecord.Change] = []
    func encoded(_ picture: Image) throws -> ParameterValues {
      try problem.generator.encode(
        picture.resized(width: problem.width, height: problem.height), on: device)
    }
    let start: ParameterValues
    if let file = request.initialImage {
      start = try encoded(Image(contentsOf: file.path ?? file.name))
    } else if let search = try plan.priorSearch {
      let best = try search.best(targets, onStart: onStart)
      if best.tried < request.startCount {
        changes.append(RenderRecord.Change(step: 0, field: "starts", value: "\(best.tried)"))
      }
      start = try encoded(best.picture)
    } else if request.start == .noise {
      start = try encoded(
        RandomStart.noise(width: problem.width, height: problem.height, seed: problem.seed))
    } else if let search = plan.search {
      let best = try search.best(promptInputs, onStart: onStart)
      if best.tried < request.starts {
        changes.append(RenderRecord.Change(step: 0, field: "starts", value: "\(best.tried)"))
      }
      start = try encoded(best.picture)
    } else {
      start = try problem.generator.randomStart(
        width: problem.width, height: problem.height, seed: problem.seed, number: 0)
    }
    self.changes = changes
    // Once, while the files are there: a picture must not be lost to one that moves later.
    self.request = try request.mappingFiles { file, isCheckpoint throws(GuidanceError) in
      try file.hashed(isCheckpoint: isCheckpoint)
    }
    let step = problems.count == 1
      ? plan.step : try FittedPlan(problem, on: device, batches: resolved.batches).plan
    current = Descent(try device.compile(step), problem)
    withExtendedLifetime(weights) {}
    try descent.write(promptInputs)
    try descent.begin(from: start)
  }

  /// Resumes a render where it was left.
  /// - Parameter folders: where to look for models that are no longer where they were.
  /// - Throws: an error that names the file or device at fault.
  public init(
    resuming saved: SavedRender, on device: ComputeDevice, modelsIn folders: [String] = []
  ) throws {
    let record = saved.record
    request = try record.request.located(in: folders, needsModelsOnly: true)
    resolved = record.resolved
    changes = record.changes
    if resolved.device != "\(device)" {
      changes.append(
        RenderRecord.Change(step: record.stepsDone, field: "device", value: "\(device)"))
    }
    let models = try GuidanceModels(request)
    var problem = try models.problem()
    problem.precision = resolved.precision
    try device.requireStorage(of: resolved.precision)
    (problems, stage) = (models.stages(of: problem), request.stage(after: record.stepsDone))
    self.device = device
    problem = problems[stage]
    let step = try FittedPlan(problem, on: device, batches: resolved.batches)
    current = Descent(try device.compile(step.plan), problem)
    let inputs = Set(current!.executable.plan.inputNames)
    promptInputs = saved.tensors.filter { inputs.contains($0.key) }
    do {
      try descent.write(promptInputs)
      try descent.restore(saved.tensors.filter { !inputs.contains($0.key) })
    } catch let error as ExecutionError {
      throw GuidanceError.savedRender("the saved render does not fit its models: \(error)")
    }
  }

  /// Steps of all stages.
  public var steps: Int { request.totalSteps }

  /// Steps queued so far in all stages; those that must be repeated are subtracted when one is waited
  /// for.
  public var stepsDone: Int {
    problems[..<stage].reduce(0) { $0 + $1.learningRate.steps } + descent.stepsDone
  }

  /// Queues one step; the first of a stage enlarges what the stage before came to.
  public func step() throws {
    if stage + 1 < problems.count, descent.stepsDone >= problems[stage].learningRate.steps {
      try beginNextStage()
    }
    try descent.step()
  }

  private func beginNextStage() throws {
    let next = problems[stage + 1]
    let plan = try FittedPlan(next, on: device, batches: resolved.batches).plan
    let weights = try device.lease(weightsOf: plan)
    let names = try next.generator.parameterNames(width: next.width, height: next.height)
    let values = try descent.snapshot().filter { names.contains($0.key) }
    let start = try next.generator.enlarge(
      values, picture: descent.image(), width: next.width, height: next.height, on: device)
    // The smaller stage's memory is free before the larger one takes its own.
    current = nil
    current = Descent(try device.compile(plan), next)
    withExtendedLifetime(weights) {}
    stage += 1
    try descent.write(promptInputs)
    try descent.begin(from: start)
  }

  /// The render as it stands, to resume later; waits for the last step.
  public func saved() throws -> SavedRender {
    SavedRender(
      record: try record(), tensors: try descent.snapshot().merging(promptInputs) { $1 })
  }

  /// The render as its picture records it; waits for the last step.
  public func record() throws -> RenderRecord {
    let losses = try descent.losses()
    return RenderRecord(
      request: request, resolved: resolved, stepsDone: stepsDone, loss: losses.total,
      terms: losses.terms, changes: changes)
  }

  /// Writes the picture that the last step saw, with its record, as a PNG; waits for that step.
  public func write(to path: String) throws {
    try PNG.write(descent.image(), to: path, texts: record().texts())
  }
}

extension Generator {
  /// Names of the parameters' variables.
  fileprivate func parameterNames(width: Int, height: Int) throws -> Set<String> {
    Set(try trace(in: Graph(), width: width, height: height).parameters.map(\.name))
  }
}

extension Plan {
  /// Names of what the host writes.
  fileprivate var inputNames: [String] {
    trace.nodes.compactMap { node in
      (node.op as? Source).flatMap { $0.role == .input ? $0.name : nil }
    }
  }
}
