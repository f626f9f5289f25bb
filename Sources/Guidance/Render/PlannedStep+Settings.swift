import Execution

extension PlannedStep {
  /// The step of a render with `settings`, whose sides are multiples of the generator's factor.
  /// - Throws: ``GuidanceError/memory(_:)``, saying what would fit, if that does not.
  init(_ settings: RenderSettings, guide: Guide, on device: ComputeDevice) throws {
    do {
      try self.init(cutouts: settings.cutouts.count, on: device) {
        try GuidanceStep(settings, guide: guide, batches: $0).graph
      }
    } catch let error as ExecutionError where error.shortage > 0 {
      let advice = try Self.advice(settings, guide: guide, on: device)
      throw GuidanceError.memory(
        "\(settings.width)x\(settings.height) pixels with \(settings.cutouts.count) cutouts: "
          + "\(error); \(advice)")
    }
  }

  /// What to do where `settings` do not fit.
  private static func advice(
    _ settings: RenderSettings, guide: Guide, on device: ComputeDevice
  ) throws -> String {
    func fits(_ change: (inout RenderSettings) -> Void) throws -> Bool {
      var changed = settings
      change(&changed)
      do {
        _ = try PlannedStep(cutouts: changed.cutouts.count, on: device) {
          try GuidanceStep(changed, guide: guide, batches: $0).graph
        }
        return true
      } catch let error as ExecutionError where error.shortage > 0 {
        return false
      }
    }
    let codes = guide.latentSize(settings)
    let shorter = min(codes.rows, codes.columns)
    func resize(_ settings: inout RenderSettings, _ side: Int) {
      let factor = guide.generator.configuration.factor
      settings.width = max(1, codes.columns * side / shorter) * factor
      settings.height = max(1, codes.rows * side / shorter) * factor
    }
    var advice: [String] = []
    if let side = try largest(below: shorter, where: { side in try fits { resize(&$0, side) } }) {
      var smaller = settings
      resize(&smaller, side)
      advice.append("\(smaller.width)x\(smaller.height) would fit")
    }
    func fits(cutouts count: Int) throws -> Bool { try fits { $0.cutouts.count = count } }
    if settings.cutouts.count > 1, try fits(cutouts: 1),
      let count = try largest(below: settings.cutouts.count, where: fits(cutouts:))
    {
      advice.append("\(count) cutouts would fit")
    }
    return advice.isEmpty
      ? "not even the smallest picture fits: choose smaller models, or another device"
      : advice.joined(separator: ", or ")
  }

  /// The largest of 1..<limit of which `holds` is true, if it is of none larger than that.
  private static func largest(below limit: Int, where holds: (Int) throws -> Bool) rethrows -> Int? {
    var (good, bad) = (0, limit)
    while bad - good > 1 {
      let middle = (good + bad) / 2
      if try holds(middle) { good = middle } else { bad = middle }
    }
    return good > 0 ? good : nil
  }
}
