import Foundation
import TensorGraph
import Weights

/// Codes of pictures with the tokens of their captions, kept so that each picture is encoded once.
///
/// Its file is safetensors of int32: `codes` [pairs,codes] and `words` [pairs,words].
struct EncodedPairs {
  /// Codes of a picture, and tokens of a caption.
  let codeCount: Int
  let wordCount: Int
  private(set) var codes: [Int32] = []
  private(set) var words: [Int32] = []

  var count: Int { codes.count / codeCount }

  init(codeCount: Int, wordCount: Int) {
    (self.codeCount, self.wordCount) = (codeCount, wordCount)
  }

  /// Reads the first `count` pairs of a file.
  /// - Throws: ``TrainingError/run(_:)`` if it has fewer, or others.
  init(readFrom path: String, count: Int, codeCount: Int, wordCount: Int) throws {
    self.init(codeCount: codeCount, wordCount: wordCount)
    let file = try WeightFile(path: path)
    func values(_ name: String, _ width: Int) throws -> [Int32] {
      guard width > 0 else { return [] }
      guard let tensor = file[name], tensor.shape.count == 2, tensor.shape[1] == width,
        tensor.shape[0] >= count
      else {
        throw TrainingError.run(
          "\(path) does not belong to the checkpoint beside it: begin the run anew")
      }
      return try tensor.floats().prefix(count * width).map { Int32($0) }
    }
    codes = try values("codes", codeCount)
    words = try values("words", wordCount)
  }

  mutating func append(codes: [Int32], words: [Int32]) {
    self.codes += codes
    self.words += words
  }

  func codes(of pair: Int) -> ArraySlice<Int32> {
    codes[pair * codeCount..<(pair + 1) * codeCount]
  }

  func words(of pair: Int) -> ArraySlice<Int32> {
    words[pair * wordCount..<(pair + 1) * wordCount]
  }

  func write(to path: String) throws {
    var writer = SafetensorsWriter(precision: .int32)
    writer.add("codes", shape: [count, codeCount]) { () throws(WeightError) in codes.map(Float.init) }
    if wordCount > 0 {
      writer.add("words", shape: [count, wordCount]) { () throws(WeightError) in
        words.map(Float.init)
      }
    }
    try writer.write(to: path)
  }
}
