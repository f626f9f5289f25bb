import TensorGraph
import Weights

/// Sizes of a codebook transformer, and what it is conditioned on.
public struct CodebookTransformerConfiguration: Hashable, Sendable {
  /// What stands in front of a picture's codes.
  public enum Condition: String, Hashable, Sendable, Codable, CaseIterable {
    /// One token, 0.
    case none
    /// One token, the number of a class.
    case classes
    /// Where each code lies in the whole picture, one token a code.
    case coordinates
    /// The codes of another picture by the same VQGAN.
    case picture
    /// The codes of a map of depth or segments, by a model that Tessera does not read.
    case map
    /// Tokens of a caption; none of them, but padding, stands for any picture.
    case words
  }

  /// Codes that it tells apart, which are its first tokens.
  public var codes: Int
  /// Tokens that it knows: codes, and after them those of the words.
  public var tokens: Int
  /// Positions that it knows: the condition's, then the codes'.
  public var positions: Int
  public var layers: Int
  public var heads: Int
  public var width: Int
  /// Tokens in front that see each other, whichever comes first.
  public var unmasked: Int
  public var condition: Condition
  /// Tokens of the condition.
  public var conditionLength: Int
  /// Tokens that coordinates from 0 to 1 become.
  public var coordinateLevels = 1024
  /// Codes of a picture, in the order of rows.
  public var rows: Int
  public var columns: Int

  package init(
    codes: Int, tokens: Int, positions: Int, layers: Int, heads: Int, width: Int, unmasked: Int = 0,
    condition: Condition, conditionLength: Int, rows: Int, columns: Int
  ) {
    (self.codes, self.tokens, self.positions) = (codes, tokens, positions)
    (self.layers, self.heads, self.width, self.unmasked) = (layers, heads, width, unmasked)
    (self.condition, self.conditionLength) = (condition, conditionLength)
    (self.rows, self.columns) = (rows, columns)
  }

  /// Width of an attention head, where no configuration tells.
  package static let headWidth = 64

  /// Tokens that it reads to tell the last code of a picture: all but that.
  package var sequenceLength: Int { conditionLength + rows * columns - 1 }

  /// Tokens of the words.
  package var wordCount: Int { tokens - codes }
}

extension CodebookTransformerConfiguration {
  /// The configuration beside a model that Tessera trained.
  package var yaml: String {
    """
    model:
      target: tessera.CodebookTransformer
      params:
        condition: \(condition.rawValue)
        condition_length: \(conditionLength)
        rows: \(rows)
        columns: \(columns)
        heads: \(heads)
        codes: \(codes)

    """
  }

  /// Reads sizes off the shapes of `weights`, and the rest off the configuration beside them: Tessera's,
  /// or that of a `Net2NetTransformer` of taming-transformers.
  /// - Parameter path: of the configuration.
  /// - Throws: ``ModelError`` or `WeightError` naming the file and what is wrong with it.
  package init(_ weights: NamedWeights, yaml path: String) throws {
    let table = try weights.shape("tok_emb.weight", rank: 2)
    let places = try weights.shape("pos_emb", rank: 3)
    let layers = weights.blockCount("blocks", witness: "ln1.weight")
    let file = try ConfigurationReader(
      yaml: path,
      purpose: "a codebook transformer needs its configuration as a .yaml of the same name beside it")
    let model = try file.section("model")
    let parameters = try model.section("params")
    let target = try model.text("target").split(separator: ".").last ?? ""
    self.init(
      codes: table[0], tokens: table[0], positions: places[1], layers: layers,
      heads: max(table[1] / Self.headWidth, 1), width: table[1], condition: .none,
      conditionLength: 1, rows: 1, columns: 1)
    switch target {
    case "CodebookTransformer": try read(own: parameters)
    case "Net2NetTransformer": try read(net2Net: parameters, VQGANConfiguration(yaml: path))
    default:
      throw model.problem("target", "is \(target), not a codebook transformer")
    }
    guard width % heads == 0 else {
      throw parameters.problem("heads", "is \(heads), which does not divide the width of \(width)")
    }
    guard codes <= tokens, positions >= sequenceLength else {
      throw parameters.problem(
        "", "describes \(codes) codes and \(sequenceLength) positions; the file has \(tokens) tokens "
          + "and \(positions) positions")
    }
  }

  private mutating func read(own parameters: ConfigurationReader) throws(ModelError) {
    codes = try parameters.integer("codes", in: 2...1 << 20)
    heads = try parameters.integer("heads")
    rows = try parameters.integer("rows", in: 1...1024)
    columns = try parameters.integer("columns", in: 1...1024)
    conditionLength = try parameters.integer("condition_length", in: 1...4096)
    let name = try parameters.text("condition")
    guard let condition = Condition(rawValue: name) else {
      let known = Condition.allCases.map(\.rawValue).joined(separator: ", ")
      throw parameters.problem("condition", "is \(name); it may be one of \(known)")
    }
    self.condition = condition
  }

  private mutating func read(
    net2Net parameters: ConfigurationReader, _ vqgan: VQGANConfiguration
  ) throws(ModelError) {
    let network = try parameters.section("transformer_config").section("params")
    heads = try network.integer("n_head")
    unmasked = try network.integer("n_unmasked", in: 0...65536, default: 0)
    (rows, columns) = (vqgan.resolution / vqgan.factor, vqgan.resolution / vqgan.factor)
    guard let section = try? parameters.section("cond_stage_config") else {
      let name = try parameters.text("cond_stage_config", default: "__is_unconditional__")
      (condition, conditionLength) = name == "__is_first_stage__"
        ? (.picture, rows * columns) : (.none, 1)
      return
    }
    switch try section.text("target").split(separator: ".").last {
    case "SOSProvider": (condition, conditionLength) = (.none, 1)
    case "Labelator": (condition, conditionLength) = (.classes, 1)
    case "CoordStage":
      (condition, conditionLength) = (.coordinates, rows * columns)
      coordinateLevels = try section.section("params").integer("n_embed")
    default: (condition, conditionLength) = (.map, rows * columns)
    }
  }

  /// Whether the condition has a token for each code, which go through a window together.
  package var hasConditionMap: Bool { [.coordinates, .picture, .map].contains(condition) }

  /// Tokens of the places of `rows` × `columns` codes of `factor` pixels: the mean place of each one's
  /// pixels in the picture's order, from 0 to 1, in levels.
  ///
  /// `CoordStage` of taming-transformers on the coordinates of its `faceshq.py`.
  package func coordinates(rows: Int, columns: Int, factor: Int) -> [Int32] {
    let (height, width) = (rows * factor, columns * factor)
    func middle(_ index: Int) -> Double { Double(index * factor) + Double(factor - 1) / 2 }
    return (0..<rows * columns).map { place in
      let pixel = middle(place / columns) * Double(width) + middle(place % columns)
      let level = pixel / Double(height * width) * Double(coordinateLevels)
      return Int32(level.rounded(.toNearestOrEven))
    }
  }
}
