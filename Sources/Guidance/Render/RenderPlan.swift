import Execution
import TensorGraph

/// A render before it runs: its models opened, its step planned, nothing read or compiled yet.
///
///     let plan = try RenderPlan(request, on: .automatic)
///     print(plan.step.totalBytes, plan.step.cost.flops)
public struct RenderPlan {
  /// Request as asked, with the models that it leaves to be chosen.
  public let request: RenderRequest
  public let resolved: ResolvedRender
  /// One step of the picture.
  public let step: Plan
  let models: GuidanceModels
  /// Problems of all stages, the picture's own last, with the precision that was decided.
  let problems: [GuidanceProblem]
  public let device: ComputeDevice

  /// - Parameter decided: precision and batches of an earlier render that is to be repeated; nil
  ///   decides anew.
  /// - Throws: an error that names the setting, file or tensor at fault; ``GuidanceError/memory(_:)``
  ///   if a step does not fit.
  public init(
    _ request: RenderRequest, on device: ComputeDevice, as decided: ResolvedRender? = nil
  ) throws {
    try request.validate()
    let request = try request.withModels()
    let models = try GuidanceModels(request)
    var problem = try models.problem()
    if let decided { problem.precision = decided.precision }
    let step = try FittedPlan(problem, on: device, batches: decided?.batches ?? request.batches)
    problem.precision = step.precision
    (self.request, self.models, self.device) = (request, models, device)
    problems = models.stages(of: problem)
    self.step = step.plan
    resolved = ResolvedRender(
      width: problem.width, height: problem.height, precision: step.precision,
      batches: step.batches, device: "\(device)")
  }

  /// The search for a start; nil where there is none.
  var search: StartSearch? {
    request.initialImage == nil && request.start == .codes && request.starts > 1
      ? StartSearch(problems[0], starts: request.starts, models: models, on: device) : nil
  }

  /// The search among a transformer's pictures; nil where there is none.
  var priorSearch: PriorSearch? {
    get throws(GuidanceError) {
      guard request.initialImage == nil, request.start == .prior else { return nil }
      guard let prior = request.prior else {
        throw .settings(
          "there is no codebook transformer beside the generator: train one by 'tessera train "
            + "transformer', or choose --start codes")
      }
      return try PriorSearch(prior, request, models: models, on: device)
    }
  }

  /// One step of each smaller stage, and how many it takes.
  public var stagePlans: [(step: Plan, steps: Int)] {
    get throws {
      try problems.dropLast().map {
        (
          try FittedPlan($0, on: device, batches: resolved.batches).plan, $0.learningRate.steps
        )
      }
    }
  }

  /// One step of the search for a start, and how many it takes; nil where there is none.
  public var searchPlan: (step: Plan, steps: Int)? {
    get throws {
      try search.map { (try $0.fittedPlan.plan, request.starts * StartSearch.steps) }
    }
  }
}
