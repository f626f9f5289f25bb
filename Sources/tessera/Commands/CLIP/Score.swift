import ArgumentParser
import Inference

struct ScoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Tell which of several texts fits a picture best.",
    discussion: """
      For each picture and text: the probability that it is this text if it is one of them, and \
      the cosine of their embeddings.

      Example: tessera clip score --image house.png --text 'a red house' --text 'a blue boat'
      """)

  @Option(
    name: .customLong("image"),
    help: ArgumentHelp("A picture (PNG, JPEG); may be repeated.", valueName: "file"),
    completion: .file())
  var images: [String]

  @Option(
    name: .customLong("text"), help: ArgumentHelp("A text; may be repeated.", valueName: "text"))
  var texts: [String]

  @Flag(help: "Print a list of {image, best, texts: {text, probability, cosine}}.")
  var json = false

  @OptionGroup var perceptor: PerceptorOptions
  @OptionGroup var device: DeviceOptions

  private struct Entry: Encodable {
    struct Text: Encodable {
      let text: String
      let probability: Float
      let cosine: Float
    }
    let image: String
    let best: String
    let texts: [Text]
  }

  func run() throws {
    let model = try Perceptor(
      perceptor.path, vocabulary: perceptor.vocabulary, device: device.found)
    let captions = try model.embed(texts: texts, truncating: perceptor.truncate)
    let scale = try model.logitScale
    let pictures = try model.embeddings(ofPictureFiles: images)
    let entries = zip(images, pictures).compactMap { image, picture -> Entry? in
      guard let embedding = try? picture.get() else { return nil }
      let probabilities = Similarity.probabilities(of: captions, for: embedding, scale: scale)
      let scored = texts.indices.map {
        Entry.Text(
          text: texts[$0], probability: probabilities[$0],
          cosine: Similarity.cosine(captions[$0], embedding))
      }
      let best = scored.max { $0.cosine < $1.cosine }!
      return Entry(image: image, best: best.text, texts: scored)
    }
    if json { try JSON.print(entries) }
    for entry in entries where !json {
      print("\(entry.image): \(entry.best)")
      for text in entry.texts.sorted(by: { $0.cosine > $1.cosine }) {
        print(
          "  \(text.probability.formatted(decimals: 4))  "
            + "cosine \(text.cosine.formatted(decimals: 4))  \(text.text)")
      }
    }
    try PictureProblems.check(pictures)
  }
}
