extension CLIPConfiguration {
  /// OpenAI's ViT-B/32.
  package static let vitB32 = openAI(
    image: .openAI(width: 768, layers: 12), patchSize: 32,
    text: .openAI(width: 512, layers: 12), embeddingWidth: 512)

  /// OpenAI's ViT-L/14.
  package static let vitL14 = openAI(
    image: .openAI(width: 1024, layers: 24), patchSize: 14,
    text: .openAI(width: 768, layers: 12), embeddingWidth: 768)

  private static func openAI(
    image: TransformerConfiguration, patchSize: Int, text: TransformerConfiguration,
    embeddingWidth: Int
  ) -> CLIPConfiguration {
    CLIPConfiguration(
      imageSize: 224, image: .transformer(image, patchSize: patchSize), text: text,
      contextLength: 77, vocabularySize: 49408, embeddingWidth: embeddingWidth,
      pixelMean: CLIPDetails.openAI.pixelMean, pixelDeviation: CLIPDetails.openAI.pixelDeviation)
  }
}

extension TransformerConfiguration {
  fileprivate static func openAI(width: Int, layers: Int) -> TransformerConfiguration {
    TransformerConfiguration(
      width: width, layers: layers, heads: width / 64, hiddenWidth: 4 * width,
      activation: .quickGELU)
  }
}
