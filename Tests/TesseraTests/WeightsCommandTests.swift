import Foundation
import TestSupport
import Testing

/// `tessera weights` from outside.
@Suite struct WeightsCommandTests {
  private struct Measured: Decodable {
    let file: String
    let status: Int32
    let seconds: Double
    let memory: Int
    let output: String
    let errors: String
  }

  /// Whatever a file holds, looking into it costs one line, no time and little memory.
  @Test func hostileFiles() throws {
    let folder = try TemporaryFolder()
    for file in HostileFile.all {
      try folder.write(Data(file.bytes()), as: file.name)
      if let size = file.size { try #require(truncate(folder.path(file.name), size) == 0) }
    }
    let lines = try runPython(
      "run_measured.py",
      [executablePath, "weights", "inspect", "--"] + HostileFile.all.map { folder.path($0.name) })
    let outcomes = try lines.split(separator: "\n").map {
      try JSONDecoder().decode(Measured.self, from: Data($0.utf8))
    }
    #expect(outcomes.count == HostileFile.all.count)
    for (file, outcome) in zip(HostileFile.all, outcomes) {
      #expect(outcome.status == 1 && outcome.output.isEmpty, "\(outcome)")
      #expect(outcome.errors.hasPrefix("tessera: \(folder.path(file.name)): "), "\(outcome)")
      #expect(outcome.errors.contains(file.message), "\(outcome)")
      #expect(outcome.errors.count { $0.isNewline } == 1, "\(outcome)")
      #expect(outcome.memory < 200_000_000, "\(outcome)")
      #expect(outcome.seconds < 10, "\(outcome)")
    }
    let worst = outcomes.max { $0.memory < $1.memory }!
    print("hostile files: at most \(worst.memory / 1_000_000) MB, for \(worst.file)")
    #expect(!FileManager.default.fileExists(atPath: "/tmp/tessera-was-here"))
  }

  @Test func inspectSaysWhatThereIs() throws {
    let starter = repositoryFile("weights/starter/clip.safetensors")
    let text = try tessera(["weights", "inspect", starter])
    #expect(text.status == 0)
    #expect(
      text.output.hasPrefix(
        "\(starter): safetensors, CLIP with a vision transformer, OpenAI's names\n"
          + "98 tensors, 2,564,865 parameters, 5.1 MB\n"), "\(text)")
    #expect(text.output.contains("\n  visual.class_embedding "))

    let json = try tessera(
      ["weights", "inspect", "--json", repositoryFile("Tests/Fixtures/weights/lightning.ckpt")])
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    #expect(object["format"] as? String == "torch archive")
    #expect(object["parameters"] as? Int == 17)
    #expect((object["metadata"] as? [String: String])?["epoch"] == "3")
    let tensors = try #require(object["tensors"] as? [[String: Any]])
    #expect(tensors.first?["name"] as? String == "encoder.weight")
    #expect(tensors.first?["shape"] as? [Int] == [3, 2])
    #expect(tensors.first?["type"] as? String == "float32")
  }

  @Test func listNamesWhatCanBeFetched() throws {
    let folder = try TemporaryFolder()
    let outcome = try tessera(
      ["weights", "list"], environment: ["XDG_DATA_HOME": folder.path("")])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("  vqgan_imagenet_f16_16384  vqgan       980.1 MB  "))
    #expect(outcome.output.contains("The library is \(folder.path(""))/tessera/weights."))
  }

  /// A home whose manifest has one CLIP, the starter's, on a server of this machine.
  private func home(_ folder: TemporaryFolder, _ server: FileServer, manner: String) throws
    -> [String: String?]
  {
    let manifest = """
      {"models":[{"name":"toy","kind":"clip","licence":"MIT","goodFor":"tests","files":[
      {"name":"toy.safetensors","url":"\(server.url)/\(manner)/clip.safetensors"},
      {"name":"merges.txt","url":"\(server.url)/ranges/merges.txt","bytes":1902}]}]}
      """
    try FileManager.default.createDirectory(
      atPath: folder.path("home/weights"), withIntermediateDirectories: true)
    try folder.write(Data(manifest.utf8), as: "home/weights/manifest.json")
    return ["TESSERA_HOME": folder.path("home"), "XDG_DATA_HOME": folder.path("data")]
  }

  @Test func fetchThenUseByName() throws {
    let folder = try TemporaryFolder()
    let server = try FileServer(folder: repositoryFile("weights/starter"))
    let environment = try home(folder, server, manner: "ranges")
    let size = try folder.bytes("home/weights/manifest.json").count
    #expect(size > 0)

    let missing = try tessera(
      ["render", "x", "-o", folder.path("x.png"), "--clip", "toy"], environment: environment)
    #expect(missing.status == 1)
    #expect(missing.errors.contains("run: tessera weights fetch toy"), "\(missing)")

    let fetched = try tessera(["weights", "fetch", "TOY"], environment: environment)
    let weights = folder.path("data/tessera/weights/toy.safetensors")
    #expect(fetched.status == 0 && fetched.output == "toy: \(weights)\n", "\(fetched)")
    #expect(fetched.errors.contains("toy.safetensors  "), "\(fetched)")
    #expect(fetched.errors.contains("nobody has published its SHA-256"), "\(fetched)")
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: weights))
        == Data(
          contentsOf: URL(fileURLWithPath: repositoryFile("weights/starter/clip.safetensors"))))

    // What is there is not fetched again.
    let requests = try server.requests.count
    #expect(try tessera(["weights", "fetch", "toy", "-q"], environment: environment).status == 0)
    #expect(try server.requests.count == requests)
    let list = try tessera(["weights", "list"], environment: environment)
    #expect(list.output.hasPrefix("* toy  clip"), "\(list)")

    let render = try tessera(
      [
        "render", "x", "-o", folder.path("x.png"), "--clip", "toy", "--size", "32", "--steps", "1",
        "--cutouts", "1", "--device", "cpu", "--vqgan",
        repositoryFile("weights/starter/vqgan.safetensors"),
      ], environment: environment)
    #expect(render.status == 0, "\(render)")
  }

  @Test func interruptedFetchGoesOn() throws {
    let folder = try TemporaryFolder()
    let server = try FileServer(folder: repositoryFile("weights/starter"))
    let environment = try home(folder, server, manner: "slow")
    let part = folder.path("data/tessera/weights/toy.safetensors.part")
    let run = try Run(["weights", "fetch", "toy"], environment: environment)
    func arrived() -> Int {
      (try? Data(contentsOf: URL(fileURLWithPath: part)).count) ?? 0
    }
    while arrived() < 300_000, run.isRunning { Thread.sleep(forTimeInterval: 0.01) }
    run.interrupt()
    let outcome = try run.finish()
    #expect(outcome.status == 130, "\(outcome)")
    #expect(outcome.errors.contains("is kept, fetch again to go on"), "\(outcome)")
    #expect(arrived() >= 300_000)

    let again = try tessera(["weights", "fetch", "toy"], environment: environment)
    #expect(again.status == 0, "\(again)")
    #expect(again.errors.contains("toy.safetensors  going on after "), "\(again)")
    #expect(!FileManager.default.fileExists(atPath: part))
    #expect(try server.requests.contains { $0.hasPrefix("/slow/clip.safetensors bytes=") })
  }

  @Test func unknownNames() throws {
    let outcome = try tessera(["weights", "fetch", "vit-z"])
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.contains("nor a model of that name; choose one of: vqgan_"), "\(outcome)")
  }
}
