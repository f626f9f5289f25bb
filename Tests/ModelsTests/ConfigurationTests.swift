import Foundation
import Models
import TestSupport
import Testing
import Weights

@Suite struct ConfigurationTests {
  @Test func starterSizesAreRead() throws {
    let generator = try VQGANCheckpoint(path: Originals.generator).configuration
    #expect(generator.factor == 8)
    #expect(generator.codeCount == 512 && generator.codeChannels == 64)
    #expect(generator.normalizationGroups == 8)
    let perceptor = try CLIPCheckpoint(path: Originals.perceptor).configuration
    guard case .transformer(let image, let patchSize) = perceptor.image else {
      Issue.record("\(perceptor.image)")
      return
    }
    #expect(perceptor.imageSize == 64 && patchSize == 8)
    #expect(image.layers == 4 && perceptor.text.layers == 3)
    #expect(image.activation == .quickGELU && image.hiddenWidth == 4 * image.width)
    #expect(perceptor.contextLength == 32 && perceptor.vocabularySize == 742)
    #expect(perceptor.embeddingWidth == 128)
  }

  @Test(arguments: [
    ("model: [", "is not YAML"),
    ("other: 1", "model is missing"),
    ("model: {params: {n_embed: 4, ddconfig: {}}}", "model.params.embed_dim is missing"),
    ("model: {params: {embed_dim: x, n_embed: 4, ddconfig: {}}}", "must be a whole number"),
    (
      """
      model: {params: {embed_dim: 4, n_embed: 4, ddconfig: {ch: 48, ch_mult: [2], num_res_blocks: 1,
        attn_resolutions: [], in_channels: 3, out_ch: 3, resolution: 32, z_channels: 4}}}
      """, "norm_groups is 32, into which 48 channels"
    ),
    ("model: {target: ldm.models.autoencoder.AutoencoderKL}", "AutoencoderKL, not a VQGAN"),
    (
      "model: {params: {embed_dim: 4, n_embed: 4, codebook_l2_norm: true, ddconfig: {}}}",
      "model.params.codebook_l2_norm is a setting that is not known"
    ),
    (
      "model: {params: {embed_dim: 4, n_embed: 4, ddconfig: {give_pre_end: false, tanh_out: true}}}",
      "model.params.ddconfig.tanh_out is a setting that is not known"
    ),
    (
      "a: &a [x]\nb: &b [" + Array(repeating: "*a", count: 9).joined(separator: ", ") + "]\nmodel: *b",
      "aliases"
    ),
    ("model: {target: 3, params: {}}", "model.target must be a text"),
    (
      "model: {target: x.Net2NetTransformer, params: {first_stage_config: {target: x.Y}}}",
      "model.params.first_stage_config.target is x.Y"
    ),
  ])
  func malformedConfigurationsAreNamed(_ yaml: String, _ expected: String) throws {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("tessera-\(UUID().uuidString).yaml").path
    try yaml.write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let error = #expect(throws: ModelError.self) { try VQGANConfiguration(yaml: path) }
    let text = error?.description ?? ""
    #expect(text.hasPrefix(path) && text.contains(expected), "\(text)")
    #expect(!text.contains("\n"))
  }

  @Test(arguments: [
    (Data("\u{FEFF}model: {}".utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }), "is UTF-16"),
    (Data("# caf".utf8) + Data([0xE9]), "is not UTF-8"),
  ])
  func encodingsAreNamed(_ data: Data, _ expected: String) throws {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("tessera-\(UUID().uuidString).yaml").path
    try data.write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    let error = #expect(throws: ModelError.self) { try VQGANConfiguration(yaml: path) }
    #expect(error?.description.contains(expected) == true, "\(String(describing: error))")
  }

  /// Wrappers of compiled and parallel models, and a `.yml`.
  @Test func wrappedModelsAreRead() throws {
    let folder = try TemporaryFolder()
    for (source, prefixes) in [
      (Originals.generator, ["module.", "_orig_mod.", "_orig_mod.module.first_stage_model."]),
      (Originals.perceptor, ["_orig_mod."]),
    ] {
      let file = try WeightFile(path: source)
      for prefix in prefixes {
        var writer = SafetensorsWriter(metadata: file.metadata)
        for tensor in file.tensors {
          writer.add(prefix + tensor.name, shape: tensor.shape) { () throws(WeightError) in
            try tensor.floats()
          }
        }
        try writer.write(to: folder.path("model.safetensors"))
        if source == Originals.generator {
          let yaml = URL(fileURLWithPath: source).deletingPathExtension().appendingPathExtension("yaml")
          try folder.write(Data(contentsOf: yaml), as: "model.yml")
          #expect(
            try VQGANCheckpoint(path: folder.path("model.safetensors")).configuration
              == VQGANCheckpoint(path: source).configuration)
        } else {
          #expect(
            try CLIPCheckpoint(path: folder.path("model.safetensors")).configuration
              == CLIPCheckpoint(path: source).configuration)
        }
      }
    }
  }

  @Test func missingConfigurationIsNamed() {
    let error = #expect(throws: ModelError.self) { try VQGANConfiguration(yaml: "/nowhere.yaml") }
    #expect(error?.description.hasPrefix("/nowhere.yaml: cannot be read") == true)
  }

  /// A perceptor is no generator and the other way round.
  @Test func exchangedModelsAreRefused() throws {
    #expect(throws: ModelError.self) { try CLIPCheckpoint(path: Originals.generator) }
    let error = #expect(throws: ModelError.self) { try VQGANCheckpoint(path: Originals.perceptor) }
    #expect(error?.description.contains("holds a CLIP, no VQGAN") == true)
  }

  /// What a checkpoint's tensors do not tell must be told beside it.
  @Test(arguments: [
    ("openclip", "open_clip_config.json", nil, "open_clip_config.json: cannot be read"),
    ("openclip", "open_clip_config.json", "{", "is no JSON object"),
    ("openclip", "open_clip_config.json", "{}", "model_cfg is missing"),
    (
      "openclip", "open_clip_config.json",
      #"{"model_cfg": {"vision_cfg": {"ls_init_value": 0.1}, "text_cfg": {}}}"#,
      "model_cfg.vision_cfg.ls_init_value is not supported"
    ),
    (
      "openclip", "open_clip_config.json",
      #"{"model_cfg": {"vision_cfg": {"head_width": 7}, "text_cfg": {"pool_type": null}}}"#,
      "does not divide into its attention heads"
    ),
    ("huggingface", "config.json", nil, "config.json: cannot be read"),
    (
      "huggingface", "config.json",
      #"{"vision_config": {"hidden_act": "relu"}, "text_config": {}}"#,
      "vision_config.hidden_act is relu"
    ),
    (
      "huggingface", "config.json",
      #"{"vision_config": {}, "text_config": {"layer_norm_eps": 1e-6}}"#,
      "text_config.layer_norm_eps must be 1e-5"
    ),
    ("gumbel", "gumbel.yaml", nil, "gumbel.yaml: cannot be read"),
  ] as [(String, String, String?, String)])
  func missingDetailsAreNamed(
    _ fixture: String, _ name: String, _ content: String?, _ expected: String
  ) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("tessera-\(UUID().uuidString)")
    let original = URL(fileURLWithPath: "\(CheckpointTests.fixtures)/\(fixture)")
    try FileManager.default.copyItem(at: original, to: folder)
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.removeItem(at: folder.appendingPathComponent(name))
    try content?.write(
      to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
    let checkpoint = try #require(
      try Originals(path: "\(folder.path)/expected.safetensors").metadata["checkpoint"])
    let path = folder.appendingPathComponent(checkpoint).path
    let error = #expect(throws: ModelError.self) {
      if fixture == "gumbel" {
        _ = try VQGANCheckpoint(path: path)
      } else {
        _ = try CLIPCheckpoint(path: path)
      }
    }
    let text = error?.description ?? ""
    #expect(text.contains(expected) && !text.contains("\n"), "\(text)")
  }

  /// The quantiser that the configuration names is not the one in the file.
  @Test func otherQuantizerIsNamed() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("tessera-\(UUID().uuidString)")
    try FileManager.default.copyItem(
      at: URL(fileURLWithPath: CheckpointTests.fixtures + "/gumbel"), to: folder)
    defer { try? FileManager.default.removeItem(at: folder) }
    let yaml = folder.appendingPathComponent("gumbel.yaml")
    let text = try String(contentsOf: yaml, encoding: .utf8)
    try text.replacing("vqgan.GumbelVQ", with: "vqgan.VQModel")
      .write(to: yaml, atomically: true, encoding: .utf8)
    let error = #expect(throws: ModelError.self) {
      try VQGANCheckpoint(path: folder.appendingPathComponent("gumbel.ckpt").path)
    }
    #expect(error?.description.contains("describes a VQModel, but") == true)
  }
}
