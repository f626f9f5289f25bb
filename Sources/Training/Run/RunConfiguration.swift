import Foundation
import Guidance
import Models
import Support

/// What a run was asked to do: kept in its folder, so that it can go on.
public struct RunConfiguration: Hashable, Sendable, Codable {
  /// Model that a run trains, with its settings.
  public enum Model: Hashable, Sendable, Codable {
    case vqgan(VQGANSettings)
    case clip(CLIPSettings)
    case transformer(TransformerSettings)

    enum CodingKeys: CodingKey, CaseIterable {
      case vqgan, clip, transformer

      /// Settings of a run that asks for none.
      var defaults: any ModelSettings {
        switch self {
        case .vqgan: VQGANSettings()
        case .clip: CLIPSettings()
        case .transformer: TransformerSettings()
        }
      }
    }

    /// Whether it learns from captions.
    var readsCaptions: Bool {
      switch self {
      case .vqgan: false
      case .clip: true
      case .transformer(let settings): settings.condition == .words
      }
    }
  }

  /// Version of this format.
  static let currentFormat = 1

  public private(set) var format = 1
  /// Program and version that began the run.
  public var software: String
  public var model: Model
  /// Data as they were named, folders absolute.
  public var data: String
  /// Data that the model never learns from; nil holds some of ``data`` out.
  public var heldOut: String?
  /// Model that the run began with, if any.
  public var from: String?
  /// Merges of the vocabulary; nil takes those of ``from``, or learns them from the captions.
  public var merges: String?

  public init(
    model: Model, data: String, heldOut: String? = nil, from: String? = nil, merges: String? = nil
  ) {
    software = Release.software
    (self.model, self.data, self.heldOut) = (model, data, heldOut)
    (self.from, self.merges) = (from, merges)
  }

  /// The configuration with the sizes of the model that it begins with.
  /// - Throws: `WeightError`, `ModelError`, or ``TrainingError/settings(_:)`` for a model that cannot be
  ///   trained.
  func takingSizes() throws -> RunConfiguration {
    guard let from else { return self }
    var result = self
    switch model {
    case .vqgan(var settings):
      settings.takeSizes(of: try VQGANCheckpoint(path: from).configuration)
      result.model = .vqgan(settings)
    case .clip(var settings):
      try settings.takeSizes(of: try CLIPCheckpoint(path: from).configuration)
      result.model = .clip(settings)
    case .transformer(var settings):
      settings.takeSizes(of: try CodebookTransformerCheckpoint(path: from).configuration)
      result.model = .transformer(settings)
    }
    return result
  }

  /// Settings of the model.
  package var settings: any ModelSettings {
    switch model {
    case .vqgan(let settings): settings
    case .clip(let settings): settings
    case .transformer(let settings): settings
    }
  }

  package var steps: Int { settings.steps }
  var batch: Int { settings.batch }
  var size: Int { settings.size }
  var seed: UInt64 { settings.seed }

  /// - Throws: ``TrainingError/run(_:)`` for a folder that holds no run, or one of a newer version.
  package init(readFrom path: String) throws(TrainingError) {
    struct Head: Decodable { let format: Int, software: String }
    guard let data = FileManager.default.contents(atPath: path),
      let head = try? JSONDecoder().decode(Head.self, from: data)
    else { throw .run("there is no run to go on with: \(path) is missing or damaged") }
    guard head.format >= 1 else { throw .run("\(path) is damaged: its format is \(head.format)") }
    guard head.format <= Self.currentFormat else {
      throw .run(
        "\(path) was written by \(head.software), in format \(head.format); this version reads up "
          + "to \(Self.currentFormat)")
    }
    do {
      self = try JSONDecoder().decode(Self.self, from: Self.withDefaults(data))
    } catch {
      throw .run("\(path) cannot be read: \((error as? DecodingError)?.place ?? "\(error)")")
    }
  }

  /// `json` with the default of every setting of the model that it lacks because an older version wrote
  /// it.
  private static func withDefaults(_ json: Data) throws -> Data {
    try Model.CodingKeys.allCases.reduce(json) { json, model in
      // Swift calls the value of a case `_0`.
      try JSONDefaults.filled(json, at: ["model", model.stringValue, "_0"], with: model.defaults)
    }
  }

  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    try AtomicFile.write(try encoder.encode(self), to: path)
  }
}
