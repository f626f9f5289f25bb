import Weights

/// Opens the bytes as a weight file and reads what it holds.
public func readWeights(_ bytes: [UInt8]) {
  do {
    let file = try WeightFile(bytes: bytes, name: "fuzz")
    try file.verifyChecksums()
    for tensor in file.tensors where tensor.count <= 1 << 16 { _ = try tensor.floats() }
  } catch {
    _ = error.description
  }
}
