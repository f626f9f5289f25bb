import Execution
import Foundation
import Imaging
import Support
import TensorGraph

/// Decisions made for a render: its request and these give the same picture on the same device.
public struct ResolvedRender: Hashable, Sendable, Codable {
  /// Sides in pixels, multiples of the generator's factor.
  public let width: Int
  public let height: Int
  public let precision: Precision
  /// Number of batches the cutouts are run through CLIP in; other batches round otherwise.
  public let batches: Int
  /// The device's id, name and platform.
  public let device: String
}

/// A render as its picture records it: what was asked, what was decided, and how far it came.
public struct RenderRecord: Sendable, Codable {
  /// A change made between two steps of a render.
  public struct Change: Hashable, Sendable, Codable {
    /// Steps done before it.
    public let step: Int
    /// Name of what changed.
    public let field: String
    public let value: String
  }

  /// Value of a loss term at the last step.
  public struct Term: Hashable, Sendable, Codable {
    public let name: String
    /// Factor of the value in the loss.
    public let weight: Float
    public let value: Float
  }

  /// Version of this record's format that is written and read.
  public static let currentFormat = 1
  /// Keyword of the text chunk in a PNG, and of the metadata of a saved render.
  static let keyword = "tessera"

  public let format: Int
  /// Program and version that wrote it.
  public let software: String
  public let request: RenderRequest
  public let resolved: ResolvedRender
  public let stepsDone: Int
  /// Loss of the last step.
  public let loss: Float
  public let terms: [Term]
  public let changes: [Change]

  /// The record of the picture at `path`.
  /// - Throws: ``GuidanceError/record(_:)`` if it has none, or one of a newer version; `ImageError`.
  public init(ofPicture path: String) throws {
    let texts = try Self.texts(of: path)
    guard let text = texts.first(where: { $0.keyword == Self.keyword })?.text else {
      throw GuidanceError.record(
        texts.contains { $0.keyword == "Software" && $0.text.hasPrefix("Tessera 0.1") }
          ? "\(path) was painted by Tessera 0.1, whose record this version does not read"
          : "\(path) has no record of a render: give a PNG that Tessera painted")
    }
    self = try Self.decoded(text, of: path)
  }

  private static func texts(of path: String) throws -> [PNG.Text] {
    let contents = Result { () throws(ImageError) in try PNG.read(path) }
    if case .failure(.notPNG) = contents {
      throw GuidanceError.record("\(path) is not a PNG: give a picture that Tessera painted")
    }
    return try contents.get().texts
  }

  /// - Parameter name: of the file that holds the text.
  /// - Throws: ``GuidanceError/record(_:)``.
  static func decoded(_ text: String, of name: String) throws(GuidanceError) -> RenderRecord {
    struct Head: Decodable { let format: Int, software: String }
    let data = Data(text.utf8)
    guard let head = try? JSONDecoder().decode(Head.self, from: data) else {
      throw .record("\(name) holds a damaged record of a render")
    }
    guard (1...Int.max).contains(head.format) else {
      throw .record("\(name) holds a damaged record of a render")
    }
    guard head.format <= currentFormat else {
      throw .record(
        "\(name) was written by \(head.software), in format \(head.format); this version reads up to "
          + "\(currentFormat): use that version, or a newer one")
    }
    do {
      let record = try JSONDecoder().decode(RenderRecord.self, from: withDefaults(data))
      try record.validate()
      return record
    } catch let error as DecodingError {
      throw .record("\(name) holds a record that cannot be read: \(error.place)")
    } catch {
      throw .record("\(name) holds a record that cannot be read: \(error)")
    }
  }

  /// - Throws: ``GuidanceError`` for values that no render has.
  private func validate() throws(GuidanceError) {
    try request.validate()
    guard (0...request.totalSteps).contains(stepsDone),
      (1...request.cutouts.count).contains(resolved.batches), !request.perceptors.isEmpty,
      (1...RenderRequest.maxSide).contains(resolved.width),
      (1...RenderRequest.maxSide).contains(resolved.height)
    else { throw .record("its steps, batches, size or perceptors are out of range") }
  }

  /// The record's JSON with the default of every setting that it does not have, as a record does that
  /// was written before there was the setting.
  private static func withDefaults(_ json: Data) throws -> Data {
    var older = RenderRequest(prompts: [])
    older.cutouts.method = CutoutMethods.unnamed
    older.start = .codes
    return try JSONDefaults.filled(json, at: ["request"], with: older)
  }

  /// JSON with sorted keys, on one line.
  public func json(pretty: Bool = false) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  /// The record for a picture, which names no folder.
  var withoutFolders: RenderRecord {
    replacing(request.mappingFiles { file, _ in file.withoutFolder })
  }

  /// The record for a saved render, which may be resumed from another working folder.
  var withAbsolutePaths: RenderRecord { replacing(request.mappingFiles { file, _ in file.absolute }) }

  func replacing(_ request: RenderRequest) -> RenderRecord {
    RenderRecord(
      format: format, software: software, request: request, resolved: resolved,
      stepsDone: stepsDone, loss: loss, terms: terms, changes: changes)
  }

  init(
    format: Int = currentFormat, software: String = Release.software, request: RenderRequest,
    resolved: ResolvedRender, stepsDone: Int, loss: Float, terms: [Term], changes: [Change]
  ) {
    (self.format, self.software, self.request, self.resolved) = (format, software, request, resolved)
    (self.stepsDone, self.loss, self.terms, self.changes) = (stepsDone, loss, terms, changes)
  }
}

/// The version of this program.
public enum Release {
  public static let version = "0.2.0"
  package static let software = "Tessera \(version)"
}
