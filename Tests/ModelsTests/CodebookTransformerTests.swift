import Foundation
import Models
import TestSupport
import Testing

/// What a codebook transformer's files tell of it.
@Suite struct CodebookTransformerTests {
  private let folder = try! TemporaryFolder()

  /// A checkpoint with the configuration of a `Net2NetTransformer`: 4×4 codes of 8 pixels.
  private func checkpoint(_ condition: String) throws -> CodebookTransformerCheckpoint {
    let path = try SmallTransformer.write(in: folder.path)
    let yaml = """
      model:
        target: taming.models.cond_transformer.Net2NetTransformer
        params:
          cond_stage_config: \(condition)
          transformer_config:
            target: taming.modules.transformer.mingpt.GPT
            params: {vocab_size: 512, block_size: 16, n_layer: 2, n_head: 2, n_embd: 64, n_unmasked: 3}
          first_stage_config:
            target: taming.models.vqgan.VQModel
            params:
              embed_dim: 4
              n_embed: 512
              ddconfig: {double_z: false, z_channels: 8, resolution: 32, in_channels: 3, out_ch: 3,
                ch: 32, ch_mult: [1, 1, 1, 1], num_res_blocks: 1, attn_resolutions: []}
      """
    try folder.write(Data(yaml.utf8), as: "transformer.yaml")
    return try CodebookTransformerCheckpoint(path: path)
  }

  @Test func sizesOfANet2NetTransformer() throws {
    let c = try checkpoint("__is_unconditional__").configuration
    #expect(c.codes == 512 && c.tokens == 512 && c.positions == 16 && c.layers == 2)
    #expect(c.heads == 2 && c.width == 64 && c.unmasked == 3)
    #expect(c.condition == .none && c.conditionLength == 1 && c.rows == 4 && c.columns == 4)
    #expect(
      try checkpoint("{target: taming.modules.util.Labelator, params: {n_classes: 9}}")
        .configuration.condition == .classes)
  }

  /// A condition with a token for each code takes as many positions again.
  @Test func aMapNeedsItsPositions() throws {
    #expect(throws: ModelError.self) { try checkpoint("__is_first_stage__") }
  }

  @Test func theConfigurationComesBack() throws {
    let path = try SmallTransformer.write(in: folder.path, words: 7)
    let c = try CodebookTransformerCheckpoint(path: path).configuration
    #expect(c.condition == .words && c.conditionLength == 3 && c.wordCount == 7)
    #expect(c.heads == 1 && c.sequenceLength == 18)
  }

  /// As `CoordStage` of taming-transformers has it, on pictures of 32×48 and 64×64 pixels.
  @Test func coordinates() {
    let c = SmallTransformer.configuration
    #expect(c.coordinates(rows: 2, columns: 3, factor: 16) == [245, 256, 266, 757, 768, 778])
    #expect(
      c.coordinates(rows: 4, columns: 4, factor: 16) == [
        122, 126, 130, 134, 378, 382, 386, 390, 634, 638, 642, 646, 890, 894, 898, 902,
      ])
  }

  @Test(arguments: [
    ("target: tessera.CodebookTransformer", "target: other.Model", "not a codebook transformer"),
    ("condition: classes", "condition: sounds", "it may be one of"),
    ("rows: 4", "rows: 9", "positions"), ("heads: 1", "heads: 3", "does not divide"),
    ("codes: 512", "codes: 513", "codes"),
  ])
  func wrongConfigurations(_ text: String, _ other: String, _ told: String) throws {
    let path = try SmallTransformer.write(in: folder.path)
    let yaml = try folder.text("transformer.yaml")
    #expect(yaml.contains(text))
    try folder.write(
      Data(yaml.replacingOccurrences(of: text, with: other).utf8), as: "transformer.yaml")
    do {
      _ = try CodebookTransformerCheckpoint(path: path)
      Issue.record("\(other) was read")
    } catch { #expect("\(error)".contains(told), "\(error)") }
  }
}
