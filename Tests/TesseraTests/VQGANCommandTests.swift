import Execution
import Foundation
import Imaging
import Testing
import TestSupport
import Weights

private let picture = "Tests/Fixtures/pictures/large.png"

@Suite struct VQGANCommandTests {
  @Test(arguments: ComputeDevice.all())
  func thereAndBackAgain(device: ComputeDevice) throws {
    let folder = try TemporaryFolder()
    let (codes, again) = (folder.path("codes.safetensors"), folder.path("again.png"))
    let encoded = try tessera(["vqgan", "encode", picture, "-o", codes, "--device", device.id])
    try #require(encoded.status == 0 && encoded.errors.isEmpty, "\(encoded)")
    #expect(encoded.output.hasPrefix("\(codes): 28x38 codes of 512 for 301x223 pixels, "))
    let file = try WeightFile(path: codes)
    #expect(file["codes"]?.scalar == .int32 && file["codes"]?.shape == [28, 38])
    #expect(
      file.metadata == [
        "model": "vqgan.safetensors", "codes": "512", "width": "301", "height": "223",
      ])

    let decoded = try tessera(["vqgan", "decode", codes, "-o", again, "--device", device.id])
    #expect(decoded.status == 0 && decoded.errors.isEmpty, "\(decoded)")
    let image = try PNG.read(again).image
    #expect(image.width == 301 && image.height == 223)

    let straight = folder.path("straight.png")
    let reconstructed = try tessera([
      "vqgan", "reconstruct", picture, "-o", straight, "--device", device.id,
    ])
    #expect(reconstructed.status == 0 && reconstructed.output.contains("mean difference "))
    #expect(try folder.bytes("straight.png") == folder.bytes("again.png"))
    #expect(try folder.contents == ["again.png", "codes.safetensors", "straight.png"])
  }

  @Test func readsJPEG() throws {
    let folder = try TemporaryFolder()
    let outcome = try tessera([
      "vqgan", "reconstruct", "Tests/Fixtures/images/orientation6.jpg", "-o",
      folder.path("out.png"), "--device", "cpu",
    ])
    #expect(outcome.status == 0, "\(outcome)")
    #expect(try PNG.read(folder.path("out.png")).image.width == 14)
  }

  @Test func codesOfAnotherModelAreNamed() throws {
    let folder = try TemporaryFolder()
    var writer = SafetensorsWriter(
      precision: .int32,
      metadata: ["model": "other.ckpt", "codes": "512", "width": "16", "height": "8"])
    writer.add("codes", shape: [1, 2]) { [7, 511] }
    try writer.write(to: folder.path("codes"))
    let outcome = try tessera([
      "vqgan", "decode", folder.path("codes"), "-o", folder.path("out.png"), "--device", "cpu",
    ])
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("has codes of other.ckpt, not of vqgan.safetensors"))
  }
}

@Suite struct SelfTestCommandTests {
  private let stages = [
    "encode", "quantize", "decode", "embed image", "embed text", "loss", "gradient",
  ]

  @Test func everyDevicePasses() throws {
    let outcome = try tessera(["selftest"])
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
    let others = ComputeDevice.all().dropFirst()
    for device in others { #expect(outcome.output.contains("\(device)\n")) }
    for stage in stages {
      let lines = outcome.output.split(separator: "\n").filter { $0.hasPrefix("  \(stage) ") }
      #expect(lines.count == others.count && lines.allSatisfy { $0.contains("passed  error ") })
    }
  }

  @Test func withoutDriversTheStagesRunAtLeast() throws {
    let outcome = try tessera(["selftest"], environment: withoutDrivers)
    #expect(outcome.status == 0 && outcome.output.contains("no other device"), "\(outcome)")
    let cpu = try tessera(["selftest", "--device", "cpu"], environment: withoutDrivers)
    #expect(cpu.status == 0 && cpu.output.contains("error 0.0e+00"), "\(cpu)")
  }
}
