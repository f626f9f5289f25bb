/// A measurement that was asked for and cannot be made.
package enum BenchmarkError: Error, CustomStringConvertible, Equatable {
  case noSuchOp(filters: [String], known: [String])
  case size(width: Int, height: Int, factor: Int)

  package var description: String {
    switch self {
    case .noSuchOp(let filters, let known):
      "no op's name contains \(filters.map { "'\($0)'" }.joined(separator: " or ")); there are "
        + known.joined(separator: ", ")
    case .size(let width, let height, let factor):
      "\(width)x\(height) does not divide into codes: choose multiples of \(factor)"
    }
  }
}
