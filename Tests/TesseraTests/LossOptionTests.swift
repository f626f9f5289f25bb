import Foundation
import Testing
import TestSupport

/// Loss terms as the command line takes them.
@Suite struct LossOptionTests {
  private let folder = try! TemporaryFolder()

  @Test func everyTermIsRecorded() throws {
    let picture = folder.path("a.png")
    let terms = [
      "--total-variation", "1", "--smoothness", "0.5", "--saturation", "2", "--edge", "3",
      "--gaussian", "0.1", "--symmetry", "horizontal:2", "--symmetry", "point", "--palette",
      "red,#ffcc00:0.7",
    ]
    let painted = try tessera(
      ["render", "a star", "-o", picture, "--generator", "pixels", "--size", "32", "--steps", "2",
        "--cutouts", "2", "--samples", "1", "--device", "cpu"] + terms)
    try #require(painted.status == 0, "\(painted)")
    let told = try tessera(["info", picture]).output
    for text in [
      "1.0 × total-variation", "0.5 × smoothness", "2.0 × saturation", "3.0 × edge",
      "0.1 × gaussian", "2.0 × symmetry-horizontal", "1.0 × symmetry-point",
    ] { #expect(told.contains(text), "\(text): \(told)") }
    let again = try tessera([
      "render", "--like", picture, "-o", folder.path("b.png"), "--device", "cpu",
    ])
    #expect(again.status == 0, "\(again)")
    #expect(try folder.bytes("a.png") == folder.bytes("b.png"))
  }

  @Test(arguments: [
    (["--symmetry", "diagonal:1"], "horizontal, vertical, point"),
    (["--palette", "red,rod"], "'rod' is no colour"), (["--palette", "red:-1"], "out of range"),
    (["--smoothness", "-1"], "smoothness"), (["--optimizer", "sgd"], "radam"),
  ])
  func mistakesAreTold(_ arguments: [String], _ text: String) throws {
    let outcome = try tessera(["render", "a star", "-o", folder.path("x.png")] + arguments)
    #expect(outcome.status == 64 && outcome.errors.contains(text), "\(outcome)")
    #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome)")
  }
}
