import Foundation
import Testing
import Weights

@Suite struct LibraryTests {
  private func manifest(_ models: String) throws(LibraryError) -> Manifest {
    try Manifest(json: Data(#"{"models":[\#(models)]}"#.utf8), name: "m.json")
  }

  private func model(
    _ name: String, kind: String = "clip", file: String? = nil, url: String = "https://a/b",
    sha256: String? = nil, needs: String? = nil
  ) -> String {
    let checksum = sha256.map { #","sha256":"\#($0)""# } ?? ""
    let needs = needs.map { #","needs":["\#($0)"]"# } ?? ""
    return #"{"name":"\#(name)","kind":"\#(kind)","licence":"MIT","goodFor":"x","#
      + #""files":[{"name":"\#(file ?? name + ".pt")","url":"\#(url)"\#(checksum)}]\#(needs)}"#
  }

  @Test func theShippedManifest() throws {
    let library = try WeightLibrary.installed()
    let models = library.manifest.models
    #expect(models.filter { $0.kind == .clip }.count == 9)
    #expect(models.filter { $0.kind == .vqgan }.count == 5)
    for model in models {
      #expect(model.files.allSatisfy { $0.url.hasPrefix("https://") })
      switch model.kind {
      case .vqgan:
        #expect(model.files.map(\.name) == ["\(model.name).ckpt", "\(model.name).yaml"])
      case .clip:
        // OpenAI's URLs hold the checksum.
        #expect(model.files[0].url.contains("/\(model.files[0].sha256 ?? "none")/"))
        #expect(library.manifest.files(of: model).count == 2)
      case .vocabulary: break
      }
    }
  }

  @Test(arguments: [
    ("vit-b-32", "ViT-B-32"), ("ViT-B/32", "ViT-B-32"), ("ViT-L/14@336px", "ViT-L-14-336px"),
    ("rn50X4", "RN50x4"),
  ])
  func spellings(name: String, found: String) throws {
    #expect(try WeightLibrary.installed().manifest[name]?.name == found)
  }

  @Test func manifestsWithMistakes() throws {
    for (models, message) in [
      ("1", "not the JSON"), (model("a", kind: "gan"), "not the JSON"),
      (model("a") + "," + model("A"), "two models are named A"),
      (model("a", needs: "b"), "a needs b, which is not there"),
      (model("a", file: "../b"), "a has a file named '../b'"),
      (model("a", file: ".b"), "a has a file named '.b'"),
      (model("a", url: "file:///etc/passwd"), "has the URL file:///etc/passwd"),
      (model("a", sha256: "12"), "has the SHA-256 12"),
      (#"{"name":"a","kind":"clip","licence":"","goodFor":"","files":[]}"#, "a has no file"),
    ] {
      let error = #expect(throws: LibraryError.self) { try manifest(models) }
      #expect(error?.description.contains(message) == true, "\(error!)")
    }
  }

  @Test func namesBecomePathsOnceFetched() throws {
    let folder = try TemporaryFolder()
    let library = WeightLibrary(
      folder: folder.path("library"),
      manifest: try manifest(model("a", needs: "b") + "," + model("b", kind: "vocabulary")))
    try FileManager.default.createDirectory(
      atPath: library.folder, withIntermediateDirectories: false)
    #expect(
      throws: LibraryError.notFetched(name: "a", missing: folder.path("library/a.pt"))
    ) { try library.path(of: "A", kind: .clip) }
    _ = try folder.write([], as: "library/a.pt")
    #expect(
      throws: LibraryError.notFetched(name: "a", missing: folder.path("library/b.pt"))
    ) { try library.path(of: "a", kind: .clip) }
    _ = try folder.write([], as: "library/b.pt")
    #expect(try library.path(of: "a", kind: .clip) == folder.path("library/a.pt"))
    #expect(library.isFetched(library.manifest["a"]!))
    #expect(throws: LibraryError.wrongKind(name: "b", kind: .vocabulary, expected: .clip)) {
      try library.path(of: "b", kind: .clip)
    }
    #expect(throws: LibraryError.unknownModel(name: "c", known: ["a", "b"])) {
      try library.path(of: "c", kind: .vqgan)
    }
  }

  @Test func filesComeBeforeNames() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write([], as: "RN50")
    #expect(try WeightLibrary.path(of: path, kind: .clip) == path)
    #expect(try WeightLibrary.path(of: "none/x.safetensors", kind: .clip) == "none/x.safetensors")
  }

  @Test func kindsAreToldByNames() throws {
    let folder = try TemporaryFolder()
    for (names, description) in [
      (
        ["visual.class_embedding", "visual.conv1.weight"],
        "CLIP with a vision transformer, OpenAI's names"
      ),
      (
        ["visual.layer1.0.conv1.weight", "visual.attnpool.positional_embedding"],
        "CLIP with a ModifiedResNet, OpenAI's names"
      ),
      (
        ["vision_model.embeddings.patch_embedding.weight"],
        "CLIP with a vision transformer, Hugging Face's names"
      ),
      (["decoder.conv_in.weight", "post_quant_conv.weight"], "VQGAN"),
      (
        [
          "first_stage_model.decoder.conv_in.weight", "first_stage_model.post_quant_conv.weight",
          "first_stage_model.quantize.embed.weight",
        ], "VQGAN, Gumbel-quantised under first_stage_model."
      ),
      (
        [
          "transformer.tok_emb.weight", "first_stage_model.decoder.conv_in.weight",
          "first_stage_model.post_quant_conv.weight",
        ],
        "codebook transformer conditioned on nothing, a class or coordinates, with a VQGAN under "
          + "first_stage_model."
      ),
      (["fc.weight"], nil),
    ] as [([String], String?)] {
      var writer = SafetensorsWriter()
      for name in names { writer.add(name, shape: [1]) { [0] } }
      try writer.write(to: folder.path("x"))
      #expect(ModelKind(of: try WeightFile(path: folder.path("x")))?.description == description)
    }
  }
}
