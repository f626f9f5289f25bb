import Foundation

/// What a CLIP's tensors do not tell: how many heads share a width, what the activation is, and how
/// pictures are normalised. OpenAI's are always the same; other projects write them beside the
/// checkpoint.
package struct CLIPDetails: Sendable {
  enum Heads: Sendable {
    case width(Int)
    case count(Int)

    /// - Throws: ``ModelError`` if the heads do not share `width` evenly.
    func count(width total: Int, file: String) throws(ModelError) -> Int {
      let (heads, rest) =
        switch self {
        case .width(let width): total.quotientAndRemainder(dividingBy: width)
        case .count(let count): (count, total % count)
        }
      guard heads > 0, rest == 0 else {
        throw .architecture(
          file: file,
          problem: "the width \(total) does not divide into its attention heads (\(self))")
      }
      return heads
    }
  }

  var imageHeads = Heads.width(64)
  var textHeads = Heads.width(64)
  var activation = Activation.quickGELU
  var pixelMean = CLIPConfiguration.openAIMean
  var pixelDeviation = CLIPConfiguration.openAIDeviation

  /// OpenAI's own.
  static let openAI = CLIPDetails()

  private init() {}

  /// Reads OpenCLIP's `open_clip_config.json`.
  ///
  /// An entry that is not known might change the architecture without a trace in the tensors, so it
  /// is refused unless it is off.
  init(openCLIP path: String) throws(ModelError) {
    let file = try ConfigurationReader(
      json: path,
      purpose: "an OpenCLIP checkpoint needs it beside it, for its heads and activation")
    let model = try file.section("model_cfg")
    try model.allow(["embed_dim", "vision_cfg", "text_cfg", "quick_gelu", "custom_text"])
    let vision = try model.section("vision_cfg")
    try vision.allow([
      "image_size", "layers", "width", "head_width", "patch_size", "mlp_ratio", "patch_dropout",
    ])
    let text = try model.section("text_cfg")
    try text.allow(["context_length", "vocab_size", "width", "heads", "layers", "mlp_ratio"])
    imageHeads = .width(try vision.integer("head_width", default: 64))
    textHeads = .count(try text.integer("heads", default: 8))
    activation = try model.flag("quick_gelu", default: false) ? .quickGELU : .gelu
    if file.has("preprocess_cfg") {
      let pictures = try file.section("preprocess_cfg")
      pixelMean = try pictures.channels("mean", default: pixelMean)
      pixelDeviation = try pictures.channels("std", default: pixelDeviation)
    }
  }

  /// Reads the `config.json` of Hugging Face's transformers, with their defaults, and the
  /// `preprocessor_config.json` beside it if there is one.
  init(huggingFace path: String) throws(ModelError) {
    let file = try ConfigurationReader(
      json: path,
      purpose: "a CLIP of Hugging Face's transformers needs it beside it, for its heads and "
        + "activation")
    let (vision, text) = (try file.section("vision_config"), try file.section("text_config"))
    imageHeads = .count(try vision.integer("num_attention_heads", default: 12))
    textHeads = .count(try text.integer("num_attention_heads", default: 8))
    let names = ["quick_gelu": Activation.quickGELU, "gelu": .gelu]
    let used = [
      try vision.text("hidden_act", default: "quick_gelu"),
      try text.text("hidden_act", default: "quick_gelu"),
    ]
    guard let activation = names[used[0]], used[0] == used[1] else {
      throw vision.problem(
        "hidden_act",
        "is \(used[0]), that of the text \(used[1]): both must be the same, "
          + "quick_gelu or gelu")
    }
    self.activation = activation
    for tower in [vision, text]
    where try tower.number("layer_norm_eps", default: 1e-5) != LayerNorm.epsilon {
      throw tower.problem("layer_norm_eps", "must be 1e-5, as in every CLIP")
    }
    let pictures = URL(fileURLWithPath: path).deletingLastPathComponent()
      .appendingPathComponent("preprocessor_config.json").path
    if FileManager.default.fileExists(atPath: pictures) {
      let reader = try ConfigurationReader(json: pictures, purpose: "check its permissions")
      pixelMean = try reader.channels("image_mean", default: pixelMean)
      pixelDeviation = try reader.channels("image_std", default: pixelDeviation)
    }
  }
}

extension ConfigurationReader {
  /// - Throws: ``ModelError`` for an entry that is not in `known` and not false.
  fileprivate func allow(_ known: Set<String>) throws(ModelError) {
    for name in names where !known.contains(name) {
      if (try? flag(name, default: true)) == false { continue }
      throw problem(
        name,
        "is not supported: choose an OpenCLIP model of a standard vision transformer or "
          + "residual network")
    }
  }
}
