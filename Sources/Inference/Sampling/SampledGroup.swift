import TensorGraph

/// Pictures that are sampled at once: the codes so far, and the draws.
final class SampledGroup {
  /// Codes of each picture, of which unused ones are sampled as well.
  private(set) var codes: [[Int32]]
  private let request: SamplingRequest
  private let first: Int
  private let random: Philox

  private var isGuided: Bool { request.guidance != 1 && request.anyPicture != nil }
  /// Sequences of tokens: those without the condition follow those with it.
  var sequences: Int { codes.count * (isGuided ? 2 : 1) }

  /// - Parameters:
  ///   - pictures: numbers of the request's pictures.
  ///   - count: pictures that programs take.
  ///   - codes: of a picture.
  init(_ request: SamplingRequest, pictures: Range<Int>, of count: Int, codes: Int) {
    self.request = request
    first = pictures.lowerBound
    let known = request.given?.map { $0 ?? 0 } ?? Array(repeating: 0, count: codes)
    self.codes = Array(repeating: known, count: count)
    random = Philox(seed: request.seed)
  }

  private func condition(of index: Int) -> [Int32] {
    request.conditions[min(first + index, request.conditions.count - 1)]
  }

  /// Tokens of every sequence's condition.
  var conditionTokens: [Int32] {
    sequenceTokens { condition(of: $0) } without: { _ in request.anyPicture ?? [] }
  }

  /// The code at `position` of every sequence.
  func tokens(at position: Int) -> [Int32] {
    sequenceTokens { [codes[$0][position]] } without: { [codes[$0][position]] }
  }

  /// Every sequence's condition, and the codes at `places`.
  /// - Parameter window: places of the window's codes, where the condition has a token for each code
  ///   and is seen through the window, too; nil leaves it whole.
  func windowTokens(_ places: some Collection<Int>, window: [Int]?) -> [Int32] {
    func own(_ index: Int) -> [Int32] { places.map { codes[index][$0] } }
    func seen(_ condition: [Int32]) -> [Int32] { window?.map { condition[$0] } ?? condition }
    return sequenceTokens { seen(condition(of: $0)) + own($0) } without: {
      seen(request.anyPicture ?? []) + own($0)
    }
  }

  private func sequenceTokens(
    _ with: (Int) -> [Int32], without: (Int) -> [Int32]
  ) -> [Int32] {
    codes.indices.flatMap(with) + (isGuided ? codes.indices.flatMap(without) : [])
  }

  /// Draws the code at `position` of every picture, unless it is given.
  /// - Parameter logits: [sequences,codes].
  func draw(_ position: Int, _ logits: [Float]) {
    if request.given?[position] != nil { return }
    let length = logits.count / sequences
    for index in codes.indices {
      var own = logits[index * length..<(index + 1) * length]
      if isGuided {
        let start = (codes.count + index) * length
        let free = logits[start..<start + length]
        own = ArraySlice(zip(own, free).map { $1 + request.guidance * ($0 - $1) })
      }
      codes[index][position] = request.distribution.code(
        own, unit: unit(picture: request.firstPicture + first + index, position))
    }
  }

  /// A number in 0..<1, of 53 bits.
  private func unit(picture: Int, _ position: Int) -> Double {
    random.unit([
      UInt32(truncatingIfNeeded: picture), UInt32(truncatingIfNeeded: position), 0,
      RandomPurpose.codes,
    ])
  }
}

/// Purposes of random draws in sampling, which set them apart from those of a render.
enum RandomPurpose {
  static let codes: UInt32 = 101
}
