import ArgumentParser
import Foundation
import Imaging
import Inference
import Models
import Support

struct Imagine: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "imagine",
    abstract: "Paint pictures of words by a codebook transformer, in seconds and without guidance.",
    discussion: """
      The transformer draws one code after the other, each behind those before it; the VQGAN paints \
      them. A size beyond the one that it was trained on is painted through a window that slides.

      Example: tessera imagine 'a red fox' -o fox.png --count 8 --sheet
      """)

  @Argument(help: ArgumentHelp("What to paint; nothing for any picture.", valueName: "words"))
  var words: String?

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp(
      "The PNG file to write; of several pictures, their number goes before the suffix.",
      valueName: "file"),
    completion: .file())
  var output: String

  @Option(help: ArgumentHelp("Pictures to paint.", valueName: "count"))
  var count = 1

  @Flag(help: "Write all pictures as one sheet.")
  var sheet = false

  @Flag(help: "Order the pictures by how well a CLIP finds that they fit the words, the best first.")
  var rank = false

  @Option(
    help: ArgumentHelp(
      "Width and height in pixels, as 768x256. (default: what the transformer was trained on)",
      valueName: "size"))
  var size: String?

  @Option(
    help: ArgumentHelp(
      "A picture to go on with: its upper half is kept, the rest is painted.", valueName: "picture"),
    completion: .file())
  var complete: String?

  @Option(
    help: ArgumentHelp(
      "Codes to go on with, as 'tessera vqgan encode' writes them, in place of a picture.",
      valueName: "codes"),
    completion: .file())
  var codes: String?

  @Option(
    help: ArgumentHelp(
      "The picture that takes the words' place, for transformers that were trained on one.",
      valueName: "picture"),
    completion: .file())
  var conditionPicture: String?

  @Option(
    help: ArgumentHelp("Share of the rows that is kept of them.", valueName: "share"))
  var keep: Double = 0.5

  @Option(
    help: ArgumentHelp(
      "Write the codes of the first picture, for 'tessera vqgan decode'.", valueName: "codes"),
    completion: .file())
  var codesOut: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Seed of the draws; 'random' draws one and prints it. (default: 0)", valueName: "number"),
    transform: Seed.init(parsing:))
  var seed: Seed?

  @Flag(name: .shortAndLong, help: "Print warnings and errors only.")
  var quiet = false

  @OptionGroup var generator: GeneratorOptions
  @OptionGroup var transformer: TransformerOptions
  @OptionGroup var perceptor: PerceptorWeightsOptions
  @OptionGroup var device: DeviceOptions

  func validate() throws {
    guard (1...10_000).contains(count) else {
      throw ValidationError("--count is from 1 to 10000")
    }
    guard complete == nil || codes == nil else {
      throw ValidationError("--complete and --codes both give a picture to go on with: name one")
    }
    guard (0...1).contains(keep) else { throw ValidationError("--keep is a share, from 0 to 1") }
    guard !rank || words != nil else {
      throw ValidationError("--rank needs words that pictures are compared with")
    }
    _ = try size.map { try PictureSize(parsing: $0) }
  }

  func run() throws {
    let paths = (
      vqgan: try generator.path, transformer: try transformer.path(forVQGAN: generator.path)
    )
    let claims = try checkOutputs(
      reading: CheckpointFiles.all(of: paths.vqgan) + CheckpointFiles.all(of: paths.transformer)
        + (rank ? perceptor.files : []) + [complete, codes, conditionPicture].compactMap { $0 })
    defer { withExtendedLifetime(claims) {} }
    let device = try device.found
    let vqgan = try VQGANCheckpoint(path: paths.vqgan)
    let checkpoint = try CodebookTransformerCheckpoint(path: paths.transformer)
    let sampler = try CodebookSampler(
      transformer: checkpoint, vqgan: vqgan, rows: min(count, 8), device: device)
    let c = checkpoint.configuration
    let (rows, columns) = try codeSize(c, factor: vqgan.configuration.factor)

    var request = SamplingRequest()
    (request.seed, request.rows, request.columns) = (seed?.value ?? 0, rows, columns)
    let codec = PictureCodec(vqgan, device: device)
    let condition = try condition(sampler, codec, rows: rows, columns: columns)
    request.conditions = Array(repeating: condition, count: count)
    if c.condition == .words { request.anyPicture = try sampler.condition(ofWords: nil) }
    request.guidance = words == nil ? 1 : SamplingRequest.usualGuidance
    request.distribution.topP = SamplingRequest.usualTopP
    transformer.apply(to: &request)
    request.given = try given(codec, rows: rows, columns: columns)

    if !quiet { seed?.report() }
    Interruption.prepare()
    var display = ProgressDisplay(
      total: count * rows * columns, unit: "code", style: quiet ? .none : .standardError)
    let (clock, begin) = (ContinuousClock(), ContinuousClock().now)
    display.preparing("setting up")
    let sampled = try sampler.codes(request, isInterrupted: { Interruption.isRequested }) { done, _ in
      let spent = (clock.now - begin).components
      display.update(
        step: done, seconds: Double(spent.seconds) + Double(spent.attoseconds) * 1e-18)
    }
    display.finish()
    try write(sampled, sampler, rows: rows, columns: columns)
    if sampled.count < count {
      StandardError.print("tessera: stopped after \(sampled.count) of \(count) pictures")
      throw ExitCode(Interruption.status)
    }
  }

  /// Checks that all that is written can be.
  private func checkOutputs(reading inputs: [String]) throws -> [OutputClaim] {
    let pictures = outputs(count)
    for path in pictures { try PictureFile.check(path, reading: inputs) }
    if pictures.count > 1, case .file = try OutputDestination(output) {} else if pictures.count > 1 {
      throw ValidationError("\(output) takes one picture: paint one, or a --sheet")
    }
    if let codesOut {
      try AtomicFile.checkWritable(codesOut, reading: inputs)
      let destination = try OutputDestination(codesOut)
      guard try !pictures.contains(where: { try OutputDestination($0) == destination }) else {
        throw ValidationError("--output and --codes-out both name \(codesOut): name two files")
      }
    }
    return try ([pictures[0]] + [codesOut].compactMap { $0 }).map { try OutputClaim($0) }
  }

  private func condition(
    _ sampler: CodebookSampler, _ codec: PictureCodec, rows: Int, columns: Int
  ) throws -> [Int32] {
    let c = sampler.transformer.configuration
    guard conditionPicture == nil || c.condition == .picture else {
      throw ValidationError(
        "this transformer's condition is \(c.condition.rawValue): leave out --condition-picture")
    }
    switch c.condition {
    case .words: return try sampler.condition(ofWords: words)
    case .none:
      guard words == nil else {
        throw ValidationError("this transformer takes no words: leave them out")
      }
      return [0]
    case .classes:
      guard let number = words.flatMap({ Int32($0) }), (0..<Int32(c.tokens)).contains(number) else {
        throw ValidationError("this transformer takes the number of a class in place of words")
      }
      return [number]
    case .coordinates:
      guard words == nil else {
        throw ValidationError("this transformer takes no words: leave them out")
      }
      return c.coordinates(rows: rows, columns: columns, factor: codec.factor)
    case .picture:
      guard let conditionPicture, words == nil else {
        throw ValidationError(
          "this transformer takes a picture in place of words: name it by --condition-picture")
      }
      let picture = try Image(contentsOf: conditionPicture)
      return try codec.encode(
        picture.resized(width: columns * codec.factor, height: rows * codec.factor)
      ).codes
    case .map:
      throw ValidationError(
        "this transformer is conditioned on a map of depth or segments, which is not supported")
    }
  }

  /// Rows and columns of codes of the size that is asked for.
  private func codeSize(
    _ c: CodebookTransformerConfiguration, factor: Int
  ) throws -> (rows: Int, columns: Int) {
    guard let size else { return (c.rows, c.columns) }
    let wanted = try PictureSize(parsing: size)
    let (rows, columns) = (wanted.height / factor, wanted.width / factor)
    guard rows * factor == wanted.height, columns * factor == wanted.width, rows >= c.rows,
      columns >= c.columns, max(wanted.width, wanted.height) <= PNG.maximumSide
    else {
      throw ValidationError(
        "a size of \(wanted) does not do: this transformer paints \(c.columns * factor)x"
          + "\(c.rows * factor) and more, in multiples of \(factor)")
    }
    return (rows, columns)
  }

  /// The codes that are kept of the picture to go on with.
  private func given(_ codec: PictureCodec, rows: Int, columns: Int) throws -> [Int32?]? {
    var grid: CodeGrid?
    if let complete {
      let picture = try Image(contentsOf: complete)
      let factor = codec.factor
      grid = try codec.encode(picture.resized(width: columns * factor, height: rows * factor))
    } else if let codes {
      grid = try CodeGrid(contentsOf: codes)
    }
    guard let grid else { return nil }
    guard grid.rows == rows, grid.columns == columns else {
      throw ValidationError(
        "\(codes ?? "") has \(grid.rows)×\(grid.columns) codes; \(rows)×\(columns) are to be painted: "
          + "give their --size")
    }
    let kept = Int((Double(rows) * keep).rounded()) * columns
    return grid.codes.enumerated().map { $0 < kept ? $1 : nil }
  }

  private func write(
    _ codes: [[Int32]], _ sampler: CodebookSampler, rows: Int, columns: Int
  ) throws {
    guard !codes.isEmpty else { return }
    var codes = codes
    var pictures = try sampler.pictures(ofCodes: codes, size: (rows, columns))
    if rank, let words {
      let order = try self.order(pictures, words)
      codes = order.map { codes[$0] }
      pictures = order.map { pictures[$0] }
    }
    if sheet {
      let columns = Int(Double(pictures.count).squareRoot().rounded(.up))
      try PictureFile.write(.contactSheet(pictures, columns: columns, gap: 2), to: output)
      PictureFile.report("\(output): \(pictures.count) pictures", of: output)
    } else {
      for (path, picture) in zip(outputs(count), pictures) {
        try PictureFile.write(picture, to: path)
        PictureFile.report(
          "\(path): \(picture.width)x\(picture.height) pixels of \(rows)x\(columns) codes", of: path)
      }
    }
    if let codesOut {
      let model = sampler.vqgan
      try CodeGrid(
        codes: codes[0], rows: rows, columns: columns, width: pictures[0].width,
        height: pictures[0].height,
        model: URL(fileURLWithPath: model.file.path).lastPathComponent,
        codebookCount: model.configuration.codeCount
      ).write(to: codesOut)
    }
  }

  /// The pictures' numbers, the one that fits the words best first.
  private func order(_ pictures: [Image], _ words: String) throws -> [Int] {
    let perceptor = try Perceptor(perceptor.path, device: device.found)
    let text = try perceptor.embed(texts: [words], truncating: true)[0]
    let fits = try perceptor.embed(pictures: pictures).map { Similarity.cosine(text, $0) }
    return fits.indices.sorted { (fits[$1], $0) < (fits[$0], $1) }
  }

  /// Names of `count` pictures: `fox.png`, or `fox-01.png`, `fox-02.png`, …
  private func outputs(_ count: Int) -> [String] {
    guard count > 1, !sheet else { return [output] }
    let url = URL(fileURLWithPath: output)
    let (stem, digits) = (url.deletingPathExtension().relativePath, max(2, String(count).count))
    return (1...count).map { number in
      let text = String(number)
      return stem + "-" + String(repeating: "0", count: digits - text.count) + text + "."
        + (url.pathExtension.isEmpty ? "png" : url.pathExtension)
    }
  }
}
