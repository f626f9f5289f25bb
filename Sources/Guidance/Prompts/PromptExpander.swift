import TensorGraph

/// Draws of choices and wildcards, by the seed of the render.
struct PromptExpander {
  /// Files that lines were taken from.
  private(set) var files: Set<String> = []
  /// True once a choice or a wildcard was expanded.
  private(set) var hasExpanded = false
  private let random: Philox
  private let wildcards: Wildcards
  private var draws: UInt32 = 0

  /// Wildcards within wildcards, and draws of a picture: what never ends is refused.
  private static let (maxDepth, maxDraws) = (20, UInt32(10_000))

  init(seed: UInt64, wildcards: Wildcards) {
    (random, self.wildcards) = (Philox(seed: seed), wildcards)
  }

  /// `symbols` with one option in place of each choice, one line in place of each wildcard.
  mutating func expand(_ symbols: [PromptSymbol]) throws(GuidanceError) -> [PromptSymbol] {
    try expand(PromptTemplate(symbols).nodes, depth: 0)
  }

  private mutating func expand(
    _ nodes: [PromptTemplate.Node], depth: Int
  ) throws(GuidanceError) -> [PromptSymbol] {
    var result: [PromptSymbol] = []
    for node in nodes {
      switch node {
      case .symbol(let symbol): result.append(symbol)
      case .choice(let choice): result += try expand(choice, depth: depth)
      case .wildcard(let name):
        let lines = try lines(of: name)
        let line = lines[min(Int(try draw() * Double(lines.count)), lines.count - 1)]
        result += try expand(line: line, of: name, depth: depth)
      }
    }
    return result
  }

  private mutating func expand(
    line: String, of name: String, depth: Int
  ) throws(GuidanceError) -> [PromptSymbol] {
    guard depth < Self.maxDepth else {
      throw .prompt("the wildcard '__\(name)__' leads back to itself")
    }
    return try expand(PromptTemplate(PromptSymbol.all(in: line)).nodes, depth: depth + 1)
  }

  private mutating func expand(
    _ choice: PromptTemplate.Choice, depth: Int
  ) throws(GuidanceError) -> [PromptSymbol] {
    guard let counts = choice.counts else {
      let index = try pick(from: choice.options.map(\.weight))
      return try expand(choice.options[index].nodes, depth: depth)
    }
    // Several of one wildcard: different lines of its file.
    if choice.options.count == 1, case .wildcard(let name) = choice.options[0].nodes.first,
      choice.options[0].nodes.count == 1
    {
      let lines = try lines(of: name)
      return try joined(lines.map { _ in 1 }, counts, choice.separator) {
        expander, index throws(GuidanceError) in
        try expander.expand(line: lines[index], of: name, depth: depth)
      }
    }
    return try joined(choice.options.map(\.weight), counts, choice.separator) {
      expander, index throws(GuidanceError) in
      try expander.expand(choice.options[index].nodes, depth: depth)
    }
  }

  /// Options drawn without repetition, in the order drawn.
  private mutating func joined(
    _ weights: [Double], _ counts: ClosedRange<Int>, _ separator: [PromptSymbol],
    _ text: (inout PromptExpander, Int) throws(GuidanceError) -> [PromptSymbol]
  ) throws(GuidanceError) -> [PromptSymbol] {
    let lower = min(counts.lowerBound, weights.count)
    let upper = min(counts.upperBound, weights.count)
    let count = min(lower + Int(try draw() * Double(upper - lower + 1)), upper)
    var weights = weights
    var result: [PromptSymbol] = []
    for number in 0..<count {
      let index = try pick(from: weights)
      weights[index] = 0
      if number > 0 { result += separator }
      result += try text(&self, index).trimmed
      if !weights.contains(where: { $0 > 0 }) { break }
    }
    return result
  }

  private mutating func pick(from weights: [Double]) throws(GuidanceError) -> Int {
    let total = weights.reduce(0, +)
    guard total > 0, total.isFinite else {
      throw .prompt("the options of a choice weigh \(total) together: they need a weight above 0")
    }
    var rest = try draw() * total
    for (index, weight) in weights.enumerated() where weight > 0 {
      rest -= weight
      if rest < 0 { return index }
    }
    return weights.lastIndex { $0 > 0 }!
  }

  /// The next number of 0..<1.
  private mutating func draw() throws(GuidanceError) -> Double {
    hasExpanded = true
    draws += 1
    guard draws <= Self.maxDraws else {
      throw .prompt("the prompts have more than \(Self.maxDraws) choices and wildcards")
    }
    return Double(random.words([draws, 0, 0, RandomPurpose.prompts]).x) / 4_294_967_296
  }

  private mutating func lines(of name: String) throws(GuidanceError) -> [String] {
    let found = try wildcards.lines(of: name)
    files.formUnion(found.files)
    return found.lines
  }
}
