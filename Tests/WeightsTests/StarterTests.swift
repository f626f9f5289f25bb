import Foundation
import Testing
import Weights

/// The shipped pair is what the models and the demo expect of it.
@Suite struct StarterTests {
  private func file(_ name: String, from here: String = #filePath) throws -> WeightFile {
    let root = URL(filePath: here).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try WeightFile(path: root.appending(path: "weights/starter/\(name)").path)
  }

  @Test(arguments: ["vqgan.safetensors", "clip.safetensors"])
  func everyValueIsFiniteAndHalf(name: String) throws {
    for tensor in try file(name).tensors {
      #expect(tensor.scalar == .float16)
      #expect(try tensor.floats().allSatisfy(\.isFinite), "\(tensor.name)")
    }
  }

  @Test func generator() throws {
    let scope = try file("vqgan.safetensors").scope
    #expect(
      scope.children == ["encoder", "decoder", "quantize", "quant_conv", "post_quant_conv"])
    #expect(try scope["quantize"]["embedding"].tensor("weight", shape: [512, 64]).count == 32768)
    #expect(scope["decoder"]["up"].numberedChildren == 4)
    #expect(scope.tensors.reduce(0) { $0 + $1.count } == 3_371_875)
  }

  @Test func perceptor() throws {
    let scope = try file("clip.safetensors").scope
    #expect(scope["visual"]["transformer"]["resblocks"].numberedChildren == 4)
    #expect(scope["transformer"]["resblocks"].numberedChildren == 3)
    _ = try scope.tensor("logit_scale", shape: [])
    _ = try scope["visual"]["conv1"].tensor("weight", shape: [192, 3, 8, 8])
    _ = try scope["token_embedding"].tensor("weight", shape: [742, 128])
  }
}
