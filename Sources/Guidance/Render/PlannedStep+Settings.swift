import Execution
import TensorGraph

extension ComputeDevice {
  /// - Throws: ``GuidanceError/settings(_:)`` for halves on a device that stores none.
  package func requireStorage(of precision: Precision) throws {
    guard precision == .half && !storesHalves else { return }
    throw GuidanceError.settings(
      "\(self) stores everything in full precision: choose an OpenCL device or --precision full")
  }
}

extension PlannedStep {
  /// The step of a render with `settings`, whose sides are multiples of the generator's factor.
  ///
  /// Where they leave the precision open, it is full as long as that fits.
  /// - Throws: ``GuidanceError/memory(_:)``, saying what would fit, if that does not;
  ///   ``GuidanceError/settings(_:)`` for halves on a device that stores none.
  init(_ settings: RenderSettings, guide: Guide, on device: ComputeDevice) throws {
    try device.requireStorage(of: settings.precision ?? .full)
    do {
      self = try Self.planned(settings, guide: guide, on: device)
    } catch let error as ExecutionError where error.shortage > 0 {
      let advice = try Self.advice(settings, guide: guide, on: device)
      throw GuidanceError.memory(
        "\(settings.width)x\(settings.height) pixels with \(settings.cutouts.count) cutouts: "
          + "\(error); \(advice)")
    }
  }

  /// - Throws: the device's error if nothing fits.
  private static func planned(
    _ settings: RenderSettings, guide: Guide, on device: ComputeDevice
  ) throws -> PlannedStep {
    func planned(_ precision: Precision) throws -> PlannedStep {
      var settings = settings
      settings.precision = precision
      return try PlannedStep(cutouts: settings.cutouts.count, on: device) {
        try GuidanceStep(settings, guide: guide, batches: $0).graph
      }
    }
    do {
      return try planned(settings.precision ?? .full)
    } catch let error as ExecutionError
      where error.shortage > 0 && settings.precision == nil && device.storesHalves {
      return try planned(.half)
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
        _ = try planned(changed, guide: guide, on: device)
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
    if settings.precision == .full, device.storesHalves, try fits({ $0.precision = .half }) {
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
