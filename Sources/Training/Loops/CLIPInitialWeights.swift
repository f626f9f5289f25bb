import Foundation
import Models
import TensorGraph

extension InitialWeights {
  /// New weights of a CLIP, distributed as by `initialize_parameters` of OpenAI's `model.py`; the
  /// vision transformer's blocks are treated like the text's.
  package static func clip(_ c: CLIPConfiguration, seed: UInt64) -> InitialWeights {
    .drawn(seed: seed) { name, shape in
      let isVisual = name.hasPrefix("visual.")
      var tower = c.text
      if isVisual, case .transformer(let transformer, _) = c.image { tower = transformer }
      let (width, layers) = (Float(tower.width), Float(tower.layers))
      let last = name.split(separator: ".").last ?? ""
      switch true {
      case name == "logit_scale": return .constant(Float(log(1 / 0.07)))
      case name == "token_embedding.weight": return .normal(deviation: 0.02)
      case name == "positional_embedding": return .normal(deviation: 0.01)
      case name == "visual.conv1.weight":
        return .uniform(bound: 1 / Float(shape.dropFirst().reduce(1, *)).squareRoot())
      case last.hasSuffix("bias"): return .constant(0)
      case name.contains("ln_"): return .constant(1)
      case name.hasSuffix("attn.out_proj.weight"), name.hasSuffix("mlp.c_proj.weight"):
        return .normal(deviation: 1 / (width * 2 * layers).squareRoot())
      case name.hasSuffix("mlp.c_fc.weight"): return .normal(deviation: 1 / (2 * width).squareRoot())
      default: return .normal(deviation: 1 / width.squareRoot())
      }
    }
  }
}
