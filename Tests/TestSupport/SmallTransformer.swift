import Foundation
import Models
import Weights

/// A codebook transformer of random weights: 512 codes, as many as the starter's VQGAN has, 4×4 of them
/// behind one token.
package enum SmallTransformer {
  package static let configuration = CodebookTransformerConfiguration(
    codes: 512, tokens: 512, positions: 16, layers: 2, heads: 1, width: 64, condition: .classes,
    conditionLength: 1, rows: 4, columns: 4)

  /// Writes `transformer.safetensors` and its configuration into `folder`.
  /// - Parameters:
  ///   - words: tokens of words; 0 has the condition be a class.
  /// - Returns: its path.
  package static func write(in folder: String, words: Int = 0) throws -> String {
    var c = configuration
    if words > 0 {
      (c.tokens, c.condition) = (c.codes + words, .words)
      (c.conditionLength, c.positions) = (3, 18)
    }
    var random = TestRandom(5)
    var writer = SafetensorsWriter()
    func add(_ name: String, _ shape: [Int], _ scale: Double, around middle: Double = 0) {
      let values = (0..<shape.reduce(1, *)).map { _ in Float(middle + scale * random.next()) }
      writer.add("transformer." + name, shape: shape) { () throws(WeightError) in values }
    }
    let width = c.width
    add("tok_emb.weight", [c.tokens, width], 1)
    add("pos_emb", [1, c.positions, width], 1)
    func linear(_ name: String, _ outputs: Int, _ inputs: Int) {
      add(name + ".weight", [outputs, inputs], 2 / Double(inputs).squareRoot())
      add(name + ".bias", [outputs], 0.1)
    }
    func norm(_ name: String) {
      add(name + ".weight", [width], 0.1, around: 1)
      add(name + ".bias", [width], 0.1)
    }
    for layer in 0..<c.layers {
      let block = "blocks.\(layer)"
      norm(block + ".ln1")
      norm(block + ".ln2")
      for part in ["key", "query", "value", "proj"] { linear("\(block).attn.\(part)", width, width) }
      linear(block + ".mlp.0", 4 * width, width)
      linear(block + ".mlp.2", width, 4 * width)
    }
    norm("ln_f")
    add("head.weight", [c.codes, width], 0.5)
    let path = folder + "/transformer.safetensors"
    try writer.write(to: path)
    try c.yaml.write(toFile: folder + "/transformer.yaml", atomically: true, encoding: .utf8)
    return path
  }
}
