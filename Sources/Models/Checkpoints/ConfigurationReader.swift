import Foundation
import Yams

/// A section of a configuration beside a checkpoint, which says what entry is missing or wrong.
struct ConfigurationReader {
  let file: String
  private let root: Any?
  private let path: String

  private init(file: String, root: Any?, path: String = "") {
    self.file = file
    self.root = root
    self.path = path
  }

  /// - Parameter purpose: what the file is for, said when it cannot be read.
  /// - Throws: ``ModelError`` naming the file.
  init(yaml path: String, purpose: String) throws(ModelError) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw .configuration(file: path, problem: "cannot be read; \(purpose)")
    }
    guard data.count <= Self.maxSize else {
      throw .configuration(file: path, problem: "is larger than \(Self.maxSize >> 20) MB")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      let isUTF16 = data.starts(with: [0xFF, 0xFE]) || data.starts(with: [0xFE, 0xFF])
      throw .configuration(
        file: path, problem: "is \(isUTF16 ? "UTF-16" : "not UTF-8 text"); save it as UTF-8")
    }
    // Each alias repeats what it stands for: a few in a row expand to more than any memory holds.
    guard Self.aliasCount(text) <= Self.maxAliases else {
      throw .configuration(file: path, problem: "has more than \(Self.maxAliases) aliases (*name)")
    }
    do { self.init(file: path, root: try Yams.load(yaml: text)) } catch {
      let reason = "\(error)".split(separator: "\n").first.map(String.init) ?? ""
      throw .configuration(file: path, problem: "is not YAML: \(reason)")
    }
  }

  /// Limits of a YAML: no configuration has as much.
  private static let (maxSize, maxAliases) = (1 << 20, 8)

  /// Upper bound of the aliases in a YAML: asterisks at the beginning of a word.
  private static func aliasCount(_ text: String) -> Int {
    let bytes = Array(text.utf8)
    return bytes.indices.dropLast().count { index in
      bytes[index] == UInt8(ascii: "*") && !" \t\r\n*".utf8.contains(bytes[index + 1])
        && (index == 0 || " \t\r\n[]{},:-".utf8.contains(bytes[index - 1]))
    }
  }

  /// - Parameter purpose: what the file is for, said when it cannot be read.
  /// - Throws: ``ModelError`` naming the file.
  init(json path: String, purpose: String) throws(ModelError) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw .configuration(file: path, problem: "cannot be read; \(purpose)")
    }
    guard let root = try? JSONSerialization.jsonObject(with: data) as? [String: Any] else {
      throw .configuration(file: path, problem: "is no JSON object; download it again")
    }
    self.init(file: path, root: root)
  }

  /// The entries there are; those that are null count as missing.
  var names: [String] { (root as? [String: Any] ?? [:]).keys.filter { has($0) }.sorted() }

  /// - Throws: ``ModelError`` naming an entry that is none of `known`, unless it is off (`false`).
  func requireKnown(_ known: Set<String>) throws(ModelError) {
    for name in names where !known.contains(name) && entry(name) as? Bool != false {
      throw problem(
        name, "is a setting that is not known here: the model would be computed without it")
    }
  }

  func has(_ name: String) -> Bool { entry(name) != nil }

  func section(_ name: String) throws(ModelError) -> ConfigurationReader {
    guard let mapping = entry(name) as? [String: Any] else { throw problem(name, "is missing") }
    return ConfigurationReader(file: file, root: mapping, path: join(name))
  }

  func integer(
    _ name: String, in range: ClosedRange<Int> = 1...65536, default fallback: Int? = nil
  ) throws(ModelError) -> Int {
    guard let value = try entry(name, default: fallback) else { return fallback! }
    guard let number = value as? Int, range.contains(number) else {
      throw problem(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func integers(_ name: String) throws(ModelError) -> [Int] {
    guard let value = entry(name) else { throw problem(name, "is missing") }
    guard let numbers = value as? [Int], numbers.allSatisfy((1...65536).contains) else {
      throw problem(name, "must be a list of whole numbers from 1 to 65536")
    }
    return numbers
  }

  func number(_ name: String, default fallback: Double) throws(ModelError) -> Double {
    guard let value = try entry(name, default: fallback) else { return fallback }
    guard let number = value as? Double, number.isFinite else {
      throw problem(name, "must be a number")
    }
    return number
  }

  /// One number a channel of a picture.
  func channels(_ name: String, default fallback: [Float]) throws(ModelError) -> [Float] {
    guard let value = try entry(name, default: fallback) else { return fallback }
    guard let numbers = value as? [Double], numbers.count == fallback.count,
      numbers.allSatisfy({ $0.isFinite })
    else { throw problem(name, "must be a list of \(fallback.count) numbers") }
    return numbers.map(Float.init)
  }

  func flag(_ name: String, default fallback: Bool) throws(ModelError) -> Bool {
    guard let value = try entry(name, default: fallback) else { return fallback }
    guard let flag = value as? Bool else { throw problem(name, "must be true or false") }
    return flag
  }

  func text(_ name: String, default fallback: String? = nil) throws(ModelError) -> String {
    guard let value = try entry(name, default: fallback) else { return fallback! }
    guard let text = value as? String else { throw problem(name, "must be a text") }
    return text
  }

  /// An error about the entry `name` of this section.
  func problem(_ name: String, _ text: String) -> ModelError {
    .configuration(file: file, problem: "\(join(name)) \(text)")
  }

  private func entry(_ name: String) -> Any? {
    let value = (root as? [String: Any])?[name]
    return value is NSNull ? nil : value
  }

  /// The entry; nil if it is missing and there is a default.
  private func entry<Default>(
    _ name: String, default fallback: Default?
  ) throws(ModelError) -> Any? {
    guard let value = entry(name) else {
      if fallback == nil { throw problem(name, "is missing") }
      return nil
    }
    return value
  }

  private func join(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
}
