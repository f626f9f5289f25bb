import Execution
import Foundation
import Imaging
import Inference
import TestSupport
import Testing

private let folder = Originals.root + "/Tests/Fixtures/pictures"
private let names = ["wide", "tall", "square", "large", "tiny", "strip"]

private func picture(_ name: String) throws -> Image {
  try Image(contentsOf: "\(folder)/\(name).png")
}

@Suite struct PerceptorInputTests {
  /// Byte for byte what OpenAI's CLIP makes of a picture with Pillow.
  @Test(arguments: names)
  func isTheOriginals(name: String) throws {
    let expected = try Originals(path: folder + "/expected.safetensors").floats("\(name).prepared")
    let prepared = try picture(name).perceptorInput(side: 64)
    #expect(prepared.width == 64 && prepared.height == 64)
    #expect(try prepared.bytes().map(Float.init) == expected)
  }

  /// A picture of extreme proportions costs no more than its middle.
  @Test(.timeLimit(.minutes(1)))
  func aLine() {
    let line = Image(width: 30_000, height: 1, color: SIMD3(0.2, 0.4, 0.6))
    let prepared = line.perceptorInput(side: 224)
    #expect(prepared.width == 224 && prepared.height == 224)
  }
}

@Suite struct PerceptorTests {
  @Test(arguments: ComputeDevice.all())
  func embedsAsTheOriginal(device: ComputeDevice) throws {
    let original = try Originals(path: folder + "/expected.safetensors")
    let perceptor = try Perceptor(Originals.perceptor, device: device)
    let embeddings = try perceptor.embed(pictures: names.map(picture))
    for (name, embedding) in zip(names, embeddings) {
      #expect(largestError(embedding, try original.floats("\(name).embedding")) < 1e-5, "\(name)")
    }
  }

  /// More than go through the model at once, and fewer than a compiled batch.
  @Test func batchesChangeNothing() throws {
    let perceptor = try Perceptor(Originals.perceptor, device: .cpu)
    let single = try names.map { try perceptor.embed(pictures: [picture($0)])[0] }
    let many = try Perceptor(Originals.perceptor, device: .cpu)
    let pictures = try (0..<35).map { try picture(names[$0 % names.count]) }
    for (number, embedding) in try many.embed(pictures: pictures).enumerated() {
      #expect(largestError(embedding, single[number % names.count]) < 1e-5, "\(number)")
    }
    #expect(largestError(try many.embed(pictures: [pictures[1]])[0], single[1]) < 1e-5)
    #expect(try many.embed(pictures: []).isEmpty)

    let texts = (0..<40).map { "a red star number \($0 % 7)" }
    let embeddings = try perceptor.embed(texts: texts)
    #expect(embeddings.count == 40)
    // Where a row lies in a tile of a product decides how it is rounded.
    #expect(largestError(embeddings[33], embeddings[5]) < 1e-5)
    #expect(largestError(embeddings[33], embeddings[6]) > 1e-3)
    #expect(try perceptor.embed(texts: []).isEmpty)
  }

  @Test func truncatesOnlyWhenAsked() throws {
    let perceptor = try Perceptor(Originals.perceptor, device: .cpu)
    let text = Array(repeating: "star", count: 60).joined(separator: " ")
    let cut = Array(repeating: "star", count: 30).joined(separator: " ")
    #expect(throws: (any Error).self) { try perceptor.embed(texts: [text]) }
    let embeddings = try perceptor.embed(texts: [text, cut], truncating: true)
    #expect(embeddings[0] == embeddings[1])
  }

  @Test func logitScale() throws {
    let perceptor = try Perceptor(Originals.perceptor, device: .cpu)
    let logarithm = try Originals("clip").floats("logit_scale")[0]
    let expected = exp(logarithm)
    #expect(abs(try perceptor.logitScale - expected) < 1e-3 * expected)
  }
}
