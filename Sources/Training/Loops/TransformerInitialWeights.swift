import Models

extension InitialWeights {
  /// New weights of a codebook transformer, distributed as by `_init_weights` of taming-transformers'
  /// `mingpt.py`.
  package static func codebookTransformer(seed: UInt64) -> InitialWeights {
    .drawn(seed: seed, contains: { $0 == "head.weight" }) { name, _ in
      switch true {
      case name == "pos_emb", name.hasSuffix("bias"): .constant(0)
      case name.hasPrefix("ln_f"), name.contains(".ln"): .constant(1)
      default: .normal(deviation: 0.02)
      }
    }
  }
}
