/// A place in the dotted names of a weight file, from which a module finds its tensors.
///
/// ```swift
/// let block = file.scope["visual"]["transformer"]["resblocks"]
/// for i in 0..<block.numberedChildren { … block[i]["ln_1"].tensor("weight", shape: [width]) … }
/// ```
public struct WeightScope: Sendable {
  public let file: WeightFile

  private let path: [String]

  init(file: WeightFile, path: [String]) {
    self.file = file
    self.path = path
  }

  /// The scope one or, with dots in `name`, several levels down; it may be empty.
  public subscript(name: String) -> WeightScope {
    WeightScope(file: file, path: path + [name])
  }

  /// The scope of a numbered child, as of a list of blocks.
  public subscript(number: Int) -> WeightScope { self[String(number)] }

  /// The names that lead here, joined by dots; empty at the top.
  public var prefix: String { path.joined(separator: ".") }

  /// The full name in the file of what is called `name` here.
  public func fullName(_ name: String) -> String {
    (path + [name]).joined(separator: ".")
  }

  /// Whether the scope has a tensor of this name.
  public func contains(_ name: String) -> Bool { file[fullName(name)] != nil }

  /// Whether the file has no tensor below this place.
  public var isEmpty: Bool {
    let stem = path.isEmpty ? "" : prefix + "."
    return !file.tensors.contains { $0.name.hasPrefix(stem) }
  }

  /// The tensor called `name` here.
  ///
  /// - Parameter shape: the shape that the model needs, or nil to accept any.
  /// - Throws: `WeightError.missingTensor` with the nearest names there are, or
  ///   `WeightError.wrongShape`, both with the full name.
  public func tensor(_ name: String, shape: [Int]? = nil) throws(WeightError) -> WeightTensor {
    let fullName = fullName(name)
    guard let tensor = file[fullName] else {
      throw .missingTensor(
        file: file.path, name: fullName,
        similar: nearestNames(to: fullName, among: file.tensors.lazy.map(\.name)))
    }
    if let shape, shape != tensor.shape {
      throw .wrongShape(file: file.path, name: fullName, shape: tensor.shape, expected: shape)
    }
    return tensor
  }

  /// All tensors below this place, at any depth, in the order of the file.
  public var tensors: [WeightTensor] {
    let stem = path.isEmpty ? "" : prefix + "."
    return file.tensors.filter { $0.name.hasPrefix(stem) }
  }

  /// The names one level down, of tensors and of scopes, in the order of the file.
  public var children: [String] {
    let depth = path.isEmpty ? 0 : prefix.utf8.count + 1
    var seen: Set<Substring> = []
    var names: [String] = []
    for tensor in tensors {
      let rest = tensor.name.utf8.dropFirst(depth)
      let child = Substring(rest.prefix { $0 != UInt8(ascii: ".") })
      if seen.insert(child).inserted { names.append(String(child)) }
    }
    return names
  }

  /// How many children are named 0, 1, 2, … without a gap: the length of a list of modules.
  public var numberedChildren: Int {
    let names = Set(children)
    return (0...names.count).first { !names.contains(String($0)) } ?? names.count
  }
}

/// Up to three names that a reader may have meant: the same name elsewhere in the tree first, then
/// the fewest edits, at most a quarter of the name.
private func nearestNames(to name: String, among candidates: some Sequence<String>) -> [String] {
  let wanted = Array(name.utf8)
  let limit = max(2, wanted.count / 4)
  var ranked: [(edits: Int, name: String)] = []
  for candidate in candidates where candidate.utf8.count <= 256 {
    if candidate.hasSuffix("." + name) || name.hasSuffix("." + candidate) {
      ranked.append((0, candidate))
    } else if abs(candidate.utf8.count - wanted.count) <= limit {
      let edits = editDistance(wanted, Array(candidate.utf8))
      if edits <= limit { ranked.append((edits, candidate)) }
    }
  }
  return ranked.sorted { ($0.edits, $0.name) < ($1.edits, $1.name) }.prefix(3).map(\.name)
}

/// Levenshtein distance, one row at a time.
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var row = Array(0...b.count)
  for (i, x) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, y) in b.enumerated() {
      let substitution = diagonal + (x == y ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(substitution, row[j] + 1, row[j + 1] + 1)
    }
  }
  return row[b.count]
}
