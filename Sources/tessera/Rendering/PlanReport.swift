import Benchmarking
import Execution
import Guidance
import Support
import TensorGraph

/// What a render would take: memory by part, work and time.
struct PlanReport: Encodable {
  private let device: String
  private let size: String
  private let cutouts: Int
  /// In which the perceptor sees them.
  private let batches: Int
  private let precision: Precision
  private let memory: Memory
  private let step: Work
  /// One step of the search for a start.
  private let search: Work?
  private let steps: Int
  private let seconds: Double

  /// In bytes.
  private struct Memory: Encodable {
    let available: Int
    let total: Int
    let weights: Int
    let state: Int
    let activations: [Int]
    let setup: Int

    init(_ plan: Plan, available: Int) {
      self.available = available
      total = plan.totalBytes
      weights = plan.weightBytes
      state = plan.ownBytes - plan.weightBytes
      activations = plan.arenas
      setup = plan.setupBytes
    }
  }

  private struct Work: Encodable {
    let kernels: Int
    let flops: Int
    let bytesMoved: Int
    /// Part of the work that is done twice, to save memory.
    let repeated: Double
    /// At the device's measured peaks.
    let seconds: Double

    init(_ plan: Plan, _ peaks: DevicePeaks) {
      kernels = plan.stepCount
      flops = plan.cost.flops
      bytesMoved = plan.cost.bytes
      repeated = plan.repeatedShare
      seconds = peaks.seconds(plan)
    }
  }

  /// Measures the device of a plan.
  init(_ plan: RenderPlan) throws {
    var unlimited = plan.device
    unlimited.memoryLimit = nil
    var extent = DevicePeaks.Extent()
    (extent.matrixSide, extent.copiedElements) = (1024, 1 << 25)
    let peaks = try DevicePeaks(of: unlimited, extent: extent, duration: 0.1)
    let resolved = plan.resolved
    device = resolved.device
    size = "\(resolved.width)x\(resolved.height)"
    cutouts = plan.request.cutouts.count
    (batches, precision) = (resolved.batches, resolved.precision)
    memory = Memory(plan.step, available: plan.device.availableMemory)
    step = Work(plan.step, peaks)
    steps = plan.request.totalSteps
    let searchPlan = try plan.searchPlan
    search = searchPlan.map { Work($0.step, peaks) }
    let searching = searchPlan.map { Double($0.steps) * peaks.seconds($0.step) } ?? 0
    let growing = try plan.stagePlans.reduce(0) { $0 + Double($1.steps) * peaks.seconds($1.step) }
    seconds = Double(plan.request.steps) * step.seconds + growing + searching
  }

  /// Lines of a title and what there is to say.
  var text: String {
    var table = Table(["device", device], leftColumns: [0, 1])
    let inBatches = batches > 1 ? " in \(batches) batches" : ""
    table.add(["picture", "\(size), \(cutouts) cutouts\(inBatches)"])
    table.add(["precision", precision.rawValue])
    table.add(["memory", "\(bytes(memory.total)) of \(bytes(memory.available))"])
    table.add(["  weights", bytes(memory.weights)])
    table.add(["  activations", memory.activations.map(bytes).joined(separator: " + ")])
    table.add(["  latent, picture", bytes(memory.state)])
    table.add(["  set-up's peak", "\(bytes(memory.setup)), in the same memory"])
    table.add(["a step", line(step)])
    if let search { table.add(["of the search", line(search)]) }
    table.add(["time", "\(steps) steps in \(ProgressDisplay.duration(seconds)) or more"])
    return table.text
  }

  private func bytes(_ count: Int) -> String { ByteCount.text(count) }

  private func line(_ work: Work) -> String {
    let repeated = work.repeated > 0 ? ", \(Quantity.percent(work.repeated)) of it repeated" : ""
    let operations = Quantity.figures(Double(work.flops) * 1e-9)
    return "\(operations) GFLOP in \(work.kernels) kernels\(repeated), "
      + "\(Quantity.seconds(work.seconds)) at the device's measured peaks"
  }
}
