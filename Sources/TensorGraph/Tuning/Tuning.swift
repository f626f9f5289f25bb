import Foundation

/// The kernels that were found to be the fastest on a device, and their settings, by what they
/// compute. `tessera tune` makes it.
public struct Tuning: Sendable {
  /// What a kernel computes, whatever its operands hold.
  public struct Work: Hashable, Sendable {
    /// ``Op/tuningName``.
    public let op: String
    public let inputs: [TensorType]
    public let output: Shape
  }

  /// How to compute it.
  public struct Choice: Hashable, Sendable {
    /// Name of the variant.
    public let kernel: String
    /// Values of the variant's tunables; it chooses those that are missing itself.
    public let settings: [String: Int]

    public init(kernel: String, settings: [String: Int]) {
      self.kernel = kernel
      self.settings = settings
    }
  }

  /// What was found for one kind of work.
  public struct Entry: Sendable {
    public let work: Work
    public let choice: Choice
    /// Of one run, by the choice and without tuning.
    public let seconds: Double
    public let untunedSeconds: Double

    public init(work: Work, choice: Choice, seconds: Double, untunedSeconds: Double) {
      self.work = work
      self.choice = choice
      self.seconds = seconds
      self.untunedSeconds = untunedSeconds
    }
  }

  /// The device and its driver.
  public let device: String
  public private(set) var entries: [Entry] = []
  private var indices: [Work: Int] = [:]

  public init(device: String) { self.device = device }

  /// Adds an entry, or replaces the one of the same work.
  public mutating func add(_ entry: Entry) {
    if let index = indices[entry.work] {
      entries[index] = entry
    } else {
      indices[entry.work] = entries.count
      entries.append(entry)
    }
  }

  /// What was found for exactly this work.
  public func entry(for work: Work) -> Entry? { indices[work].map { entries[$0] } }

  /// What was found for this work; else for the same op on tensors stored alike whose extents
  /// differ the least, none more than ``reach`` times.
  public func choice(for work: Work) -> Choice? {
    if let entry = entry(for: work) { return entry.choice }
    let near = entries.compactMap { entry in
      entry.work.distance(to: work).map { (entry: entry, distance: $0) }
    }
    return near.min { $0.distance < $1.distance }?.entry.choice
  }

  /// How many times as large an extent may be for what was found to be of use.
  fileprivate static let reach = 4.0
}

extension Tuning.Work {
  /// Sum of the logarithms of the extents' ratios; nil if these are different kinds of work.
  fileprivate func distance(to other: Self) -> Double? {
    let (mine, others) = (extents, other.extents)
    guard op == other.op, inputs.map(\.scalar) == other.inputs.map(\.scalar),
      inputs.map(\.shape.count) == other.inputs.map(\.shape.count), mine.count == others.count
    else { return nil }
    var sum = 0.0
    for (a, b) in zip(mine, others) {
      let ratio = Double(max(a, b)) / Double(max(min(a, b), 1))
      guard ratio <= Tuning.reach else { return nil }
      sum += log2(ratio)
    }
    return sum
  }

  private var extents: [Int] { inputs.flatMap(\.shape) + output }
}

extension Tuning.Choice: CustomStringConvertible {
  /// The kernel, and its settings in alphabetical order.
  public var description: String {
    let settings = settings.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    return ([kernel] + settings).joined(separator: " ")
  }
}

// MARK: - As JSON

extension Tuning: Codable {
  private enum Key: String, CodingKey { case device, entries }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    self.init(device: try values.decode(String.self, forKey: .device))
    for entry in try values.decode([Entry].self, forKey: .entries) { add(entry) }
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(device, forKey: .device)
    try values.encode(entries, forKey: .entries)
  }
}

extension Tuning.Entry: Codable {
  private enum Key: String, CodingKey {
    case op, inputs, output, kernel, settings, seconds, untunedSeconds
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    let inputs = try values.decode([String].self, forKey: .inputs).map { text in
      guard let type = TensorType(text) else {
        throw DecodingError.dataCorruptedError(
          forKey: .inputs, in: values, debugDescription: "'\(text)' is no type of a tensor")
      }
      return type
    }
    self.init(
      work: Tuning.Work(
        op: try values.decode(String.self, forKey: .op), inputs: inputs,
        output: try values.decode(Shape.self, forKey: .output)),
      choice: Tuning.Choice(
        kernel: try values.decode(String.self, forKey: .kernel),
        settings: try values.decode([String: Int].self, forKey: .settings)),
      seconds: try values.decode(Double.self, forKey: .seconds),
      untunedSeconds: try values.decode(Double.self, forKey: .untunedSeconds))
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(work.op, forKey: .op)
    try values.encode(work.inputs.map(\.description), forKey: .inputs)
    try values.encode(work.output, forKey: .output)
    try values.encode(choice.kernel, forKey: .kernel)
    try values.encode(choice.settings, forKey: .settings)
    try values.encode(seconds, forKey: .seconds)
    try values.encode(untunedSeconds, forKey: .untunedSeconds)
  }
}

extension TensorType {
  /// Reads a ``description``: `[3,4]`, `float16[8]`.
  init?(_ text: String) {
    guard let start = text.firstIndex(of: "["), text.hasSuffix("]") else { return nil }
    let name = text[..<start]
    let extents = text[text.index(after: start)...].dropLast()
      .split(separator: ",", omittingEmptySubsequences: false)
    let shape = extents == [""] ? [] : extents.map { Int($0) ?? -1 }
    guard let scalar = name.isEmpty ? .float32 : ScalarType(rawValue: String(name)),
      shape.allSatisfy({ $0 >= 0 })
    else { return nil }
    self.init(shape, scalar)
  }
}
