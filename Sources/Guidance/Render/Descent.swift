import Execution
import Imaging
import TensorGraph

/// Parameters on their way to where the loss is small: one compiled program, run once a step.
///
///     let problem = GuidanceProblem(PixelGenerator(), losses: [MyLoss()], width: 64, height: 64)
///     let descent = try Descent(problem, on: .automatic)
///     try descent.begin(from: problem.generator.randomStart(width: 64, height: 64, seed: 0, number: 0))
///     for _ in 0..<100 { try descent.step() }
///     try PNG.write(descent.image(), to: "picture.png")
public final class Descent {
  /// The loss of one step, and what it is the weighted sum of.
  public struct Losses: Hashable, Sendable {
    public let total: Float
    public let terms: [RenderRecord.Term]
  }

  /// Size of the picture in pixels.
  public let width: Int
  public let height: Int
  /// Steps queued so far; those that must be repeated are subtracted when one is waited for.
  public private(set) var stepsDone = 0
  public let executable: any Executable

  private let isHalf: Bool
  private let terms: [any LossTerm]
  /// Steps of the whole descent.
  private let steps: Int

  /// Plans and compiles a step.
  public convenience init(_ problem: GuidanceProblem, on device: ComputeDevice) throws {
    let step = try FittedPlan(problem, on: device)
    var problem = problem
    problem.precision = step.precision
    self.init(try device.compile(step.plan), problem)
  }

  /// - Parameters:
  ///   - executable: of a ``GuidanceGraph`` of `problem`.
  ///   - problem: with the precision that was decided.
  package init(_ executable: any Executable, _ problem: GuidanceProblem) {
    self.executable = executable
    (width, height) = (problem.width, problem.height)
    isHalf = problem.precision == .half
    terms = problem.losses
    steps = problem.learningRate.steps
  }

  /// Begins with step 1, whatever was done before.
  /// - Parameter start: a value of every parameter of the generator.
  public func begin(from start: ParameterValues) throws {
    var state = try executable.plan.initialState()
    for (name, value) in start {
      state[name] = value
      let held = GuidanceContext.startName(of: name)
      if state[held] != nil { state[held] = value }
    }
    try executable.restore(state)
    stepsDone = 0
  }

  /// Gives inputs their values: what the prompts are.
  package func write(_ inputs: [String: HostTensor<Float>]) throws {
    for (name, value) in inputs { try executable.write(name, value.values) }
  }

  /// Queues one step.
  public func step() throws {
    try executable.step()
    stepsDone += 1
    // Synchronise before finishing: skipped fp16 steps do not count.
    if isHalf && stepsDone == steps { try read() }
  }

  /// Every variable by name, as it stands; waits for the last step.
  public func snapshot() throws -> [String: HostTensor<Float>] {
    try read()
    return try executable.snapshot()
  }

  /// Takes up what ``snapshot()`` gave of a descent of the same problem.
  public func restore(_ state: [String: HostTensor<Float>]) throws {
    try executable.restore(state)
    stepsDone = Int(try executable.read(GuidanceGraph.stepName)[0])
  }

  /// Waits for the last step, updates the number of steps and reads outputs: in half precision a step
  /// may have to be repeated.
  /// - Throws: ``GuidanceError/diverged(step:)`` if the last gradient was not finite, and no smaller
  ///   scale of the loss will make the next one so.
  @discardableResult
  private func read(_ names: [String] = []) throws -> [[Float]] {
    let state = [GuidanceGraph.stepName, GuidanceGraph.hasDivergedName]
      + (isHalf ? [GuidanceGraph.lossScaleName] : [])
    let values = try executable.read(state + names)
    stepsDone = Int(values[0][0])
    let scale = isHalf ? values[2][0] : 0
    if values[1][0] != 0, scale < LossScale.smallest {
      throw GuidanceError.diverged(step: stepsDone)
    }
    return Array(values.dropFirst(state.count))
  }

  /// Loss of the last step; waits for that step.
  /// - Throws: ``GuidanceError/diverged(step:)`` if it or its gradient is not a number.
  public func losses() throws -> Losses {
    let values = try read([GuidanceGraph.lossName] + terms.map(GuidanceGraph.output(of:)))
    guard values[0][0].isFinite else { throw GuidanceError.diverged(step: stepsDone) }
    return Losses(
      total: values[0][0],
      terms: zip(terms, values.dropFirst()).map { term, value in
        RenderRecord.Term(name: term.name, weight: term.weight, value: value[0])
      })
  }

  /// The picture that the last step saw; waits for that step.
  public func image() throws -> Image {
    Image(width: width, height: height, pixels: try read([GuidanceGraph.pictureName])[0])
  }
}

extension Plan {
  /// Value of every variable before the first step.
  fileprivate func initialState() throws -> [String: HostTensor<Float>] {
    var state: [String: HostTensor<Float>] = [:]
    for (id, node) in trace.nodes.enumerated() {
      guard let source = node.op as? Source, source.role == .variable else { continue }
      let value = HostTensor<Float>(shape: node.type.shape)
      try trace.initialValues[id]?.read(
        into: UnsafeMutableBufferPointer(start: value.pointer, count: value.count))
      state[source.name] = value
    }
    return state
  }
}
