/// What model a file's names belong to, told without its configuration.
package enum ModelKind: Equatable, Sendable, CustomStringConvertible {
  /// taming-transformers' `VQModel` or, with a proj in its quantizer, `GumbelVQ`; under a prefix
  /// inside a checkpoint of a transformer.
  case vqgan(isGumbel: Bool, prefix: String)
  case clip(Names, tower: Tower)

  /// Whose names a CLIP's tensors have.
  package enum Names: String, Sendable { case openAI = "OpenAI's", huggingFace = "Hugging Face's" }

  /// What sees the picture.
  package enum Tower: String, Sendable {
    case transformer = "vision transformer", residual = "ModifiedResNet"
  }

  package init?(of file: WeightFile) {
    func has(_ names: String...) -> Bool { names.allSatisfy { file[$0] != nil } }
    if has("visual.class_embedding", "visual.conv1.weight") {
      self = .clip(.openAI, tower: .transformer)
    } else if has("visual.layer1.0.conv1.weight", "visual.attnpool.positional_embedding") {
      self = .clip(.openAI, tower: .residual)
    } else if has("vision_model.embeddings.patch_embedding.weight") {
      self = .clip(.huggingFace, tower: .transformer)
    } else if let prefix = ["", "first_stage_model."].first(where: {
      has("\($0)decoder.conv_in.weight", "\($0)post_quant_conv.weight")
    }) {
      self = .vqgan(isGumbel: has("\(prefix)quantize.embed.weight"), prefix: prefix)
    } else {
      return nil
    }
  }

  package var description: String {
    switch self {
    case .vqgan(let isGumbel, let prefix):
      "VQGAN" + (isGumbel ? ", Gumbel-quantised" : "") + (prefix.isEmpty ? "" : " under \(prefix)")
    case .clip(let names, let tower):
      "CLIP with a \(tower.rawValue), \(names.rawValue) names"
    }
  }
}
