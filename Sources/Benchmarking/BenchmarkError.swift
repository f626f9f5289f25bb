/// A measurement that was asked for and cannot be made.
package enum BenchmarkError: Error, CustomStringConvertible, Equatable {
  case noSuchOp(filters: [String], known: [String])
  case size(width: Int, height: Int, factor: Int)
  case nothingToTune(String)
  case wrongResult(kernel: String, device: String)

  package var description: String {
    switch self {
    case .noSuchOp(let filters, let known):
      "no op's name contains \(filters.map { "'\($0)'" }.joined(separator: " or ")); there are "
        + known.joined(separator: ", ")
    case .nothingToTune(let device):
      "\(device) has no kernels to tune: choose an OpenCL device"
    case .wrongResult(let kernel, let device):
      "no setting of \(kernel) computes what the CPU path does on \(device): its driver is broken; "
        + "'tessera selftest' tells more"
    case .size(let width, let height, let factor):
      "\(width)x\(height) does not divide into codes: choose multiples of \(factor)"
    }
  }
}
