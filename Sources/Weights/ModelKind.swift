/// What model a file's names belong to, told without its configuration.
package enum ModelKind: Equatable, Sendable, CustomStringConvertible {
  /// taming-transformers' `VQModel` or, with a proj in its quantizer, `GumbelVQ`; under a prefix
  /// inside a checkpoint of a transformer.
  case vqgan(isGumbel: Bool, prefix: String)
  case clip(Names, tower: Tower)
  /// A codebook transformer, with what stands in front of the codes; a VQGAN may be in the same file.
  case codebookTransformer(condition: String, vqganPrefix: String?)

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
    } else if has("transformer.tok_emb.weight") {
      let vqgan = has("first_stage_model.decoder.conv_in.weight") ? "first_stage_model." : nil
      self = .codebookTransformer(condition: Self.condition(of: file), vqganPrefix: vqgan)
    } else if let prefix = ["", "first_stage_model."].first(where: {
      has("\($0)decoder.conv_in.weight", "\($0)post_quant_conv.weight")
    }) {
      self = .vqgan(isGumbel: has("\(prefix)quantize.embed.weight"), prefix: prefix)
    } else {
      return nil
    }
  }

  /// What a codebook transformer is conditioned on, as far as its file tells.
  private static func condition(of file: WeightFile) -> String {
    let tokens = file["transformer.tok_emb.weight"]?.shape.first ?? 0
    if let codes = file["transformer.head.weight"]?.shape.first, codes < tokens { return "words" }
    guard let encoder = file["cond_stage_model.encoder.conv_in.weight"]?.shape, encoder.count == 4
    else { return "nothing, a class or coordinates" }
    switch encoder[1] {
    case 1: return "a map of depth"
    case 3: return "a picture"
    default: return "a map of \(encoder[1]) segments"
    }
  }

  package var description: String {
    switch self {
    case .codebookTransformer(let condition, let prefix):
      "codebook transformer conditioned on \(condition)"
        + (prefix.map { ", with a VQGAN under \($0)" } ?? "")
    case .vqgan(let isGumbel, let prefix):
      "VQGAN" + (isGumbel ? ", Gumbel-quantised" : "") + (prefix.isEmpty ? "" : " under \(prefix)")
    case .clip(let names, let tower):
      "CLIP with a \(tower.rawValue), \(names.rawValue) names"
    }
  }
}
