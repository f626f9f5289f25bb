import Execution
import TensorGraph

extension ComputeDevice {
  /// - Throws: ``GuidanceError/settings(_:)`` for fp16 on a device that stores none.
  package func requireStorage(of precision: Precision) throws {
    guard precision == .half && !storesHalves else { return }
    throw GuidanceError.settings(
      "\(self) stores everything in full precision: choose an OpenCL device or --precision full")
  }
}

extension FittedPlan {
  /// The step of a problem.
  ///
  /// Where it leaves the precision open, it is full as long as that fits.
  /// - Parameter batches: to run the cutouts in; nil takes what is fastest in the memory there is.
  /// - Throws: ``GuidanceError/memory(_:)``, saying what would fit, if that does not;
  ///   ``GuidanceError/settings(_:)`` for fp16 on a device that stores none.
  init(_ problem: GuidanceProblem, on device: ComputeDevice, batches: Int? = nil) throws {
    try device.requireStorage(of: problem.precision ?? .full)
    do {
      self = try Self.fitted(problem, on: device, batches: batches)
    } catch let error as ExecutionError where error.shortage > 0 {
      let advice = try Self.advice(problem, on: device)
      throw GuidanceError.memory(
        "\(problem.width)x\(problem.height) pixels with \(problem.cutouts.count) cutouts: "
          + "\(error); \(advice)")
    }
  }

  /// - Throws: the device's error if nothing fits.
  private static func fitted(
    _ problem: GuidanceProblem, on device: ComputeDevice, batches: Int? = nil
  ) throws -> FittedPlan {
    func fitted(_ precision: Precision) throws -> FittedPlan {
      var problem = problem
      problem.precision = precision
      if let batches {
        return FittedPlan(
          plan: try device.plan(GuidanceGraph(problem, batches: batches).graph), batches: batches,
          precision: precision)
      }
      return try FittedPlan(cutouts: problem.cutouts.count, on: device) {
        try GuidanceGraph(problem, batches: $0).graph
      }
    }
    do {
      return try fitted(problem.precision ?? .full)
    } catch let error as ExecutionError
      where error.shortage > 0 && problem.precision == nil && device.storesHalves {
      return try fitted(.half)
    }
  }

  /// Advice where a problem does not fit.
  private static func advice(_ problem: GuidanceProblem, on device: ComputeDevice) throws -> String {
    func fits(_ change: (inout GuidanceProblem) -> Void) throws -> Bool {
      var changed = problem
      change(&changed)
      do {
        _ = try fitted(changed, on: device)
        return true
      } catch let error as ExecutionError where error.shortage > 0 {
        return false
      }
    }
    // Sides in units of the generator's factor, or in steps of 8 pixels where it takes any size.
    let unit = max(problem.generator.factor, 8)
    let (rows, columns) = (max(1, problem.height / unit), max(1, problem.width / unit))
    let shorter = min(rows, columns)
    func resize(_ problem: inout GuidanceProblem, _ side: Int) {
      problem.width = max(1, columns * side / shorter) * unit
      problem.height = max(1, rows * side / shorter) * unit
    }
    var advice: [String] = []
    if let side = try largest(below: shorter, where: { side in try fits { resize(&$0, side) } }) {
      var smaller = problem
      resize(&smaller, side)
      advice.append("\(smaller.width)x\(smaller.height) would fit")
    }
    func fits(cutouts count: Int) throws -> Bool { try fits { $0.cutouts.count = count } }
    if problem.cutouts.count > 1, try fits(cutouts: 1),
      let count = try largest(below: problem.cutouts.count, where: fits(cutouts:))
    {
      advice.append("\(count) cutouts would fit")
    }
    if problem.precision == .full, device.storesHalves, try fits({ $0.precision = .half }) {
      advice.append("--precision half would fit")
    }
    return advice.isEmpty
      ? "not even the smallest picture fits: choose smaller models, or another device"
      : advice.joined(separator: ", or ")
  }

  /// The largest of 1..<limit of which `holds` is true, if it is of none larger than that.
  private static func largest(
    below limit: Int, where holds: (Int) throws -> Bool
  ) rethrows -> Int? {
    var (good, bad) = (0, limit)
    while bad - good > 1 {
      let middle = (good + bad) / 2
      if try holds(middle) { good = middle } else { bad = middle }
    }
    return good > 0 ? good : nil
  }
}
