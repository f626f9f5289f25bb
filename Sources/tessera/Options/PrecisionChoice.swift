import ArgumentParser
import TensorGraph

/// How weights and activations are stored, as the command line says it.
enum PrecisionChoice: String, ExpressibleByArgument, CaseIterable {
  case auto, full, half

  /// Nil leaves it to the device.
  var precision: Precision? { Precision(rawValue: rawValue) }
}

extension Precision: ExpressibleByArgument {}
