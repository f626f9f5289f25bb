import Foundation
import Testing
import TestSupport
import Weights

/// Whatever is wrong, it costs one line on standard error and a status, and leaves no file.
@Suite struct BadInputTests {
  private func check(
    _ arguments: [String], status: Int32, message: String, in folder: TemporaryFolder
  ) throws {
    let before = try folder.contents
    let outcome = try tessera(arguments, environment: withoutDrivers)
    #expect(outcome.status == status, "\(outcome)")
    #expect(outcome.errors.hasPrefix("tessera: ") && outcome.errors.hasSuffix("\n"), "\(outcome)")
    #expect(outcome.errors.count { $0 == "\n" } == 1, "\(outcome)")
    #expect(outcome.errors.contains(message), "\(outcome)")
    #expect(outcome.output.isEmpty, "\(outcome)")
    #expect(try folder.contents == before)
  }

  @Test(arguments: [
    (["render", "-o", "OUT"], "there is no prompt"),
    (["render", "", "-o", "OUT"], "prompt"),
    (["render", " \t", "-o", "OUT"], "prompt"),
    (["render", "a star"], "--output"),
    (["render", "a star", "-o", "OUT", "--size", "0"], "each side is 1 to 16384 pixels"),
    (["render", "a star", "-o", "OUT", "--size=-8"], "each side is 1 to 16384 pixels"),
    (["render", "a star", "-o", "OUT", "--size", "64x0"], "each side is 1 to 16384 pixels"),
    (["render", "a star", "-o", "OUT", "--size", "40000"], "each side is 1 to 16384 pixels"),
    (["render", "a star:0", "-o", "OUT"], "it must be a number other than 0"),
    (["render", "a star", "-o", "OUT", "--size", "big"], "width and height as 256x192"),
    (["render", "a star", "-o", "OUT", "--size", "64x"], "width and height as 256x192"),
    (["render", "a star", "-o", "OUT", "--size", "1x2x3"], "width and height as 256x192"),
    (["render", "a star", "-o", "OUT", "--size", "64.5"], "width and height as 256x192"),
    (["render", "a star", "-o", "OUT", "--steps", "0"], "0 steps are out of range"),
    (["render", "a star", "-o", "OUT", "--steps", "many"], "'many'"),
    (["render", "a star", "-o", "OUT", "--cutouts", "0"], "0 cutouts are out of range"),
    (["render", "a star", "-o", "OUT", "--starts", "0"], "0 starts are out of range"),
    (["render", "a star", "-o", "OUT", "--save-every", "0"], "--save-every is 0"),
    (["render", "a star", "-o", "OUT", "--learning-rate", "0"], "learning rate"),
    (["render", "a star", "-o", "OUT", "--init-weight", "1"], "--init-weight is for --init-image"),
    (["render", "a", "-o", "OUT", "--init-image", "a", "--init-weight=-1"], "weight of init-weight is -1.0"),
    (["render", "a star", "-o", "OUT", "--learning-rate", "nan"], "learning rate"),
    (["render", "a star", "-o", "OUT", "--seed=-1"], "'-1'"),
    (["render", "a star", "-o", "OUT", "--sise", "64"], "--sise"),
    (["render", "a star", "-o", "OUT", "--memory", "8"], "a number and a unit"),
    (["rendre"], "rendre"),
    (["resume"], "<file>"),
    (["resume", "OUT"], "does not end in .resume"),
    (["resume", "OUT.resume", "--save-every", "0"], "--save-every is 0"),
    (["clip", "embed"], "give --text or --image"),
    (["clip", "score", "--text", "a star"], "--image"),
    (["clip", "score", "--image", "a.png"], "--text"),
    (["clip", "search", "."], "<query>"),
    (["clip", "search", ".", " "], "the query is empty"),
    (["clip", "search", ".", "a star", "--top", "0"], "--top is 0"),
    (["vqgan", "encode", "a.png"], "--output"),
    (["vqgan", "decode", "-o", "OUT"], "<codes>"),
    (["vqgan", "reconstruct", "a.png", "b.png", "-o", "OUT"], "b.png"),
    (["weights", "convert", "OUT"], "out.safetensors"),
    (["bench", "step", "--cutouts", "0"], "0 cutouts are out of range"),
    (["bench", "step", "--steps", "0"], "0 steps are out of range"),
    (["bench", "step", "--size", "big"], "width and height as 256x192"),
    (["bench", "step", "--perceptor", "rn50"], "vit-b/32"),
    (["bench", "step", "--chart", "chart.jpg"], "give 'chart.jpg' the ending .svg or .png"),
    (["bench", "kernels", "--top", "0"], "--top must be at least 1"),
    (["bench", "kernels", "--duration=-1"], "--duration must be 0 to 3600"),
  ])
  func usage(arguments: [String], message: String) throws {
    let folder = try TemporaryFolder()
    let arguments = arguments.map { $0 == "OUT" ? folder.path("out.png") : $0 }
    try check(arguments, status: 64, message: message, in: folder)
  }

  @Test(arguments: [
    ("--cut-method latst", "there is no cutout method 'latst'; choose auto,"),
    ("--cut-power 0", "power is 0.0, out of range: choose 0.01"),
    ("--cut-power nan", "power is nan"),
    ("--augment blur", "there is no augmentation 'blur'; choose jitter,"),
    ("--augment flip,", "there is no augmentation ''"),
    ("--augment affine:much", "as affine:0.7:15"),
    ("--augment affine:0.7:15:1", "as affine:0.7:15"),
    ("--augment flip,Ji:2", "the probability of jitter is 2.0: choose 0 to 1"),
    ("--augment Ro:1:200", "the strength of rotation is 200.0: choose 0.0 to 180.0"),
    ("--batches 0", "0 batches are out of range: choose 1 to 16"),
    ("--cutouts 4 --batches 5", "choose 1 to 4, the number of cutouts"),
    ("--grow-from small", "the stage 'small' is not understood"),
    ("--grow-from 32:", "the stage '32:' is not understood"),
    ("--grow-from 32:0", "0 steps of a stage are out of range"),
    ("--size 64 --grow-from 64", "a stage of 64 pixels does not fit"),
    ("--size 64 --grow-from 32,16", "a stage of 16 pixels does not fit"),
    (
      "--init-image a.png --init-weight 1 --grow-from 32",
      "--init-weight and --grow-from do not go together"
    ),
  ])
  func cutoutOptions(options: String, message: String) throws {
    let folder = try TemporaryFolder()
    let arguments = options.split(separator: " ").map(String.init)
    try check(
      ["render", "a star", "-o", folder.path("out.png")] + arguments, status: 64,
      message: message, in: folder)
  }

  @Test(arguments: [
    (["--device", "abacus"], "there is no device 'abacus'; choose one of: cpu ("),
    (["--device", "gpu"], "there is no device 'gpu'"),
    (["--device", "opencl:0"], "there is no device 'opencl:0'"),
    (["--init-image", "nowhere.png"], "cannot read nowhere.png"),
    (["--init-image", "README.md"], "README.md is neither a PNG nor a JPEG file"),
    (["--init-image", "Tests/Fixtures/images/truncated.png"], "truncated.png is truncated"),
    (["--init-image", "Tests/Fixtures/images/huge_area.png"], "is 30000×30000 pixels"),
    (["--vqgan", "nowhere.safetensors"], "nowhere.safetensors"),
    (["--clip", "nowhere.safetensors"], "nowhere.safetensors"),
    (["--clip", "README.md"], "README.md"),
    (["-o", "FOLDER/none/out.png"], "there is no folder"),
    (["-o", "FOLDER"], "it is a folder"),
    (["-o", "/proc/out.png"], "cannot write /proc/out.png"),
  ])
  func render(arguments: [String], message: String) throws {
    let folder = try TemporaryFolder()
    let file = arguments.contains("-o") ? [] : ["-o", folder.path("out.png")]
    let arguments = arguments.map { $0.replacingOccurrences(of: "FOLDER", with: folder.path("")) }
    try check(["render", "a star"] + file + arguments, status: 1, message: message, in: folder)
  }

  @Test(arguments: [
    (["clip", "embed", "--image", "nowhere.png"], "cannot read nowhere.png"),
    (["clip", "embed", "--text", "a star", "--clip", "nowhere.pt"], "nowhere.pt"),
    (["clip", "embed", "--text", "a star", "--device", "abacus"], "there is no device 'abacus'"),
    (
      ["clip", "score", "--text", "a", "--image", "Tests/Fixtures/images/damaged_truncated.jpg"],
      "is truncated"
    ),
    (["clip", "search", "nowhere", "a star"], "cannot search nowhere: "),
    (["clip", "search", "README.md", "a star"], "it is not a folder"),
    (["clip", "search", ".", "a star", "--sheet", "FOLDER/none/sheet.png"], "there is no folder"),
    (["vqgan", "encode", "README.md", "-o", "FOLDER/out"], "neither a PNG nor a JPEG"),
    (["vqgan", "encode", "nowhere.png", "-o", "FOLDER/out"], "cannot read nowhere.png"),
    (["vqgan", "encode", "nowhere.png", "-o", "FOLDER/none/out"], "there is no folder"),
    (["vqgan", "decode", "README.md", "-o", "FOLDER/out.png"], "README.md"),
    (
      ["vqgan", "decode", "weights/starter/clip.safetensors", "-o", "FOLDER/out.png"],
      "holds no int32 tensor 'codes'"
    ),
    (["vqgan", "reconstruct", "nowhere.jpg", "-o", "FOLDER/out.png"], "cannot read nowhere.jpg"),
    (["bench", "step", "--device", "cpu", "--precision", "half"], "--precision full"),
    (["bench", "kernels", "--device", "cpu", "--precision", "half"], "--precision full"),
    (["selftest", "--device", "opencl:9"], "there is no device 'opencl:9'"),
    (["selftest", "--clip", "nowhere.pt"], "nowhere.pt"),
  ])
  func otherCommands(arguments: [String], message: String) throws {
    let folder = try TemporaryFolder()
    let arguments = arguments.map { $0.replacingOccurrences(of: "FOLDER", with: folder.path("")) }
    try check(arguments, status: 1, message: message, in: folder)
  }

  /// Weights that end too early, and weights of another shape than their configuration says.
  @Test(arguments: [
    ("--vqgan", "vqgan", "decoder.conv_in.weight"),
    ("--clip", "clip", "visual.transformer.resblocks.0.mlp.c_fc.weight"),
  ])
  func damagedWeights(option: String, name: String, tensor: String) throws {
    let folder = try TemporaryFolder()
    for file in try FileManager.default.contentsOfDirectory(
      atPath: repositoryFile("weights/starter"))
    {
      try FileManager.default.copyItem(
        atPath: repositoryFile("weights/starter/\(file)"), toPath: folder.path(file))
    }
    let weights = name + ".safetensors"
    let arguments = [
      "render", "a star", "-o", folder.path("out.png"), option, folder.path(weights),
    ]

    let starter = try WeightFile(path: folder.path(weights))
    var writer = SafetensorsWriter(metadata: starter.metadata)
    for weight in starter.tensors {
      let values = try weight.floats()
      let shape = weight.name == tensor ? [weight.count] : weight.shape
      writer.add(weight.name, shape: shape) { values }
    }
    try writer.write(to: folder.path(weights))
    try check(arguments, status: 1, message: "\(tensor) has shape", in: folder)

    try folder.write(folder.bytes(weights).dropLast(1000), as: weights)
    try check(arguments, status: 1, message: "\(weights): damaged", in: folder)
  }

  @Test func resumption() throws {
    let folder = try TemporaryFolder()
    let missing = folder.path("none.png.resume")
    try check(["resume", missing], status: 1, message: "none.png.resume", in: folder)
    let other = try TemporaryFolder()
    let path = other.path("out.png.resume")
    try FileManager.default.copyItem(
      atPath: repositoryFile("weights/starter/clip.safetensors"), toPath: path)
    try check(["resume", path], status: 1, message: "is no saved render", in: folder)
  }

  @Test func conversion() throws {
    let folder = try TemporaryFolder()
    let out = folder.path("out.safetensors")
    let hostile = repositoryFile("Tests/Fixtures/weights/hostile.pt")
    try check(["weights", "convert", hostile, out], status: 1, message: "hostile.pt", in: folder)
    try check(["weights", "convert", "none.pt", out], status: 1, message: "none.pt", in: folder)
  }
}
