import ArgumentParser
import Foundation
import Inference

struct EmbedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "embed",
    abstract: "Embed texts and pictures, in the order given.",
    discussion: """
      Embeddings are as the model makes them, not of unit length.

      Example: tessera clip embed --text 'a red house' --image house.png --json
      """)

  @Option(
    name: .customLong("text"), help: ArgumentHelp("A text; may be repeated.", valueName: "text"),
    transform: Placed.init)
  var texts: [Placed<String>] = []

  @Option(
    name: .customLong("image"),
    help: ArgumentHelp("A picture (PNG, JPEG); may be repeated.", valueName: "file"),
    completion: .file(), transform: Placed.init)
  var images: [Placed<String>] = []

  @Flag(help: "Print a list of {kind, input, embedding}.")
  var json = false

  @OptionGroup var perceptor: PerceptorOptions
  @OptionGroup var device: DeviceOptions

  private struct Entry: Encodable {
    let kind: String
    let input: String
    let embedding: [Float]
  }

  func validate() throws {
    if texts.isEmpty, images.isEmpty {
      throw ValidationError("there is nothing to embed: give --text or --image")
    }
  }

  func run() throws {
    let model = try Perceptor(
      perceptor.path, vocabulary: perceptor.vocabulary, device: device.found)
    let ofTexts = try model.embed(texts: texts.map(\.value), truncating: perceptor.truncate)
    let pictures = try model.embeddings(ofPictureFiles: images.map(\.value))
    let entries =
      zip(texts, ofTexts).map { ($0.place, Entry(kind: "text", input: $0.value, embedding: $1)) }
      + zip(images, pictures).compactMap { image, picture in
        (try? picture.get()).map {
          (image.place, Entry(kind: "image", input: image.value, embedding: $0))
        }
      }
    let ordered = entries.sorted { $0.0 < $1.0 }.map(\.1)
    if json, !ordered.isEmpty { try JSON.print(ordered) }
    for entry in ordered where !json {
      let length = entry.embedding.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let start = entry.embedding.prefix(4).map { $0.formatted(decimals: 4) }
      print(
        "\(entry.kind)  \(entry.input): \(entry.embedding.count) components of length "
          + "\(length.formatted(decimals: 4)): \(start.joined(separator: " ")) …")
    }
    try PictureProblems.check(pictures)
  }
}
