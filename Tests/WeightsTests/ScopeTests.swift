import Testing
import Weights

@Suite struct ScopeTests {
  /// A file of zeros with these tensors.
  private func file(_ tensors: [(String, [Int])], in folder: TemporaryFolder) throws -> WeightFile {
    var writer = SafetensorsWriter()
    for (name, shape) in tensors {
      writer.add(name, shape: shape) { [Float](repeating: 0, count: shape.reduce(1, *)) }
    }
    try writer.write(to: folder.path("x.safetensors"))
    return try WeightFile(path: folder.path("x.safetensors"))
  }

  @Test func descendsByNameAndNumber() throws {
    let folder = try TemporaryFolder()
    let blocks = (0..<11).map { ("visual.resblocks.\($0).ln_1.weight", [4]) }
    let file = try file(
      blocks + [("visual.proj", [4, 2]), ("visual.resblocks.12.odd", [1]), ("visual2", [1])],
      in: folder)
    let visual = file.scope["visual"]
    #expect(visual.children == ["resblocks", "proj"])
    #expect(visual["resblocks"].numberedChildren == 11)
    #expect(visual.numberedChildren == 0)
    #expect(visual["resblocks"][1].tensors.map(\.name) == ["visual.resblocks.1.ln_1.weight"])
    #expect(visual["resblocks.10"]["ln_1"].contains("weight"))
    #expect(!visual.contains("resblocks"))
    #expect(visual["resblocks"][3].prefix == "visual.resblocks.3")
    #expect(file.scope.prefix == "")
    #expect(file.scope.children == ["visual", "visual2"])
    #expect(!visual.isEmpty && visual["nothing"].isEmpty)
    #expect(try visual.tensor("proj", shape: [4, 2]).name == "visual.proj")
  }

  @Test func wrongShapeNamesTheFullPath() throws {
    let folder = try TemporaryFolder()
    let file = try file([("decoder.conv_in.weight", [32, 64, 3, 3])], in: folder)
    let error = weightError {
      _ = try file.scope["decoder"]["conv_in"].tensor("weight", shape: [512, 64, 3, 3])
    }
    #expect(
      error?.description == "\(file.path): decoder.conv_in.weight has shape [32, 64, 3, 3], "
        + "expected [512, 64, 3, 3]; does the configuration belong to this checkpoint?")
  }

  @Test func missingTensorSuggestsNames() throws {
    let folder = try TemporaryFolder()
    let file = try file(
      [
        ("first_stage_model.decoder.conv_in.weight", [1]), ("decoder.conv_in.bias", [1]),
        ("decoder.conv_out.weight", [1]), ("quantize.embedding.weight", [1]),
      ], in: folder)
    let error = weightError { _ = try file.scope["decoder"]["conv_in"].tensor("weight") }
    #expect(
      error
        == .missingTensor(
          file: file.path, name: "decoder.conv_in.weight",
          similar: [
            "first_stage_model.decoder.conv_in.weight", "decoder.conv_out.weight",
            "decoder.conv_in.bias",
          ]))
    let stranger = weightError { _ = try file.scope.tensor("logit_scale") }
    #expect(stranger == .missingTensor(file: file.path, name: "logit_scale", similar: []))
  }
}
