import Foundation
import Weights

/// Opens a weight file, reads every tensor as 32-bit floats and holds them all, as a model's upload
/// does at worst; prints one line of JSON: seconds, bytes held, and a sum of some values, so that
/// the peer can tell it read the same.
@main
enum Loading {
  static func main() throws {
    guard CommandLine.arguments.count == 2 else {
      print("usage: loading FILE")
      exit(64)
    }
    let clock = ContinuousClock()
    let start = clock.now
    let file = try WeightFile(path: CommandLine.arguments[1])
    let tensors = try file.tensors.map { try $0.floats() }
    let seconds = (clock.now - start) / .seconds(1)
    let bytes = tensors.reduce(0) { $0 + 4 * $1.count }
    let sum = tensors.reduce(0.0) { $0 + Double($1.first ?? 0) + Double($1.last ?? 0) }
    print(#"{"seconds":\#(seconds),"bytes":\#(bytes),"sum":\#(sum)}"#)
  }
}
