extension CheckpointNaming {
  /// OpenCLIP's models with a text tower of its own: what is not `visual` lies under `text`.
  static let openCLIPTextTower = CheckpointNaming { name in
    Place([name.hasPrefix("visual.") || name == "logit_scale" ? name : "text." + name])
  }

  /// Hugging Face's `CLIPModel`: other names, projections with their axes exchanged, and separate
  /// query, key and value where the original stacks them.
  static let huggingFaceCLIP = CheckpointNaming { name in
    if let projection = huggingFaceProjections[name] {
      return Place([projection], isTransposed: true)
    }
    var renamed = name
    if let place = huggingFaceNames.first(where: { name.hasPrefix($0.original) }) {
      renamed = place.huggingFace + name.dropFirst(place.original.count)
    }
    for part in huggingFaceBlockNames {
      renamed = renamed.replacing(part.original, with: part.huggingFace)
    }
    guard renamed.contains("in_proj_") else { return Place([renamed]) }
    return Place(["q", "k", "v"].map { renamed.replacing("in_proj_", with: "\($0)_proj.") })
  }
}

private let huggingFaceProjections = [
  "visual.proj": "visual_projection.weight",
  "text_projection": "text_projection.weight",
]

/// Where the parts of the model lie.
private let huggingFaceNames: [(original: String, huggingFace: String)] = [
  ("visual.conv1.", "vision_model.embeddings.patch_embedding."),
  ("visual.class_embedding", "vision_model.embeddings.class_embedding"),
  ("visual.positional_embedding", "vision_model.embeddings.position_embedding.weight"),
  ("visual.ln_pre.", "vision_model.pre_layrnorm."),
  ("visual.transformer.resblocks.", "vision_model.encoder.layers."),
  ("visual.ln_post.", "vision_model.post_layernorm."),
  ("token_embedding.", "text_model.embeddings.token_embedding."),
  ("positional_embedding", "text_model.embeddings.position_embedding.weight"),
  ("transformer.resblocks.", "text_model.encoder.layers."),
  ("ln_final.", "text_model.final_layer_norm."),
]

/// The parts of a transformer's block.
private let huggingFaceBlockNames: [(original: String, huggingFace: String)] = [
  (".ln_1.", ".layer_norm1."),
  (".ln_2.", ".layer_norm2."),
  (".attn.", ".self_attn."),
  (".mlp.c_fc.", ".mlp.fc1."),
  (".mlp.c_proj.", ".mlp.fc2."),
]
