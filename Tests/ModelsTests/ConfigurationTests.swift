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
    #expect(perceptor.imageSize == 64 && perceptor.patchSize == 8)
    #expect(perceptor.imageLayers == 4 && perceptor.textLayers == 3)
    #expect(perceptor.contextLength == 32 && perceptor.vocabularySize == 742)
    #expect(perceptor.embeddingWidth == 128)
  }

  @Test(arguments: [
    ("model: [", "is not YAML"),
    ("other: 1", "model is missing"),
    ("model: {params: {n_embed: 4, ddconfig: {}}}", "model.params.embed_dim is missing"),
    ("model: {params: {embed_dim: x, n_embed: 4, ddconfig: {}}}", "must be a whole number"),
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

  @Test func missingConfigurationIsNamed() {
    let error = #expect(throws: ModelError.self) { try VQGANConfiguration(yaml: "/nowhere.yaml") }
    #expect(error?.description.hasPrefix("/nowhere.yaml: cannot be read") == true)
  }

  /// A perceptor is no generator and the other way round: the first missing tensor is named.
  @Test func exchangedModelsAreRefused() throws {
    #expect(throws: ModelError.self) { try CLIPCheckpoint(path: Originals.generator) }
    let error = #expect(throws: ModelError.self) { try VQGANCheckpoint(path: Originals.perceptor) }
    #expect(error?.description.contains("clip.yaml") == true)
  }
}
