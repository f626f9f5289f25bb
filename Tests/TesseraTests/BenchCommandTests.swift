import Foundation
import Imaging
import Testing
import TestSupport

@Suite struct BenchCommandTests {
  /// The smallest step of the models of real size, as JSON and as a chart.
  @Test func aStepIsMeasured() throws {
    let folder = try TemporaryFolder()
    let outcome = try tessera([
      "bench", "step", "--size", "32x16", "--cutouts", "1", "--steps", "2", "--device", "cpu",
      "--device", "cpu", "--json", "--chart", folder.path("step.svg"),
    ])
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
    let record = try #require(
      JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    let command = try #require(record["command"] as? String)
    #expect(command.hasPrefix("tessera bench step --size 32x16"))
    #expect(record["version"] is String && record["date"] is String)
    #expect((record["work"] as? [String: Any])?["width"] as? Int == 32)
    let results = try #require(record["results"] as? [[String: Any]])
    #expect(results.count == 1)
    #expect((results[0]["seconds"] as? [Double])?.count == 2)
    #expect((results[0]["device"] as? [String: Any])?["id"] as? String == "cpu")
    let chart = try folder.text("step.svg")
    #expect(chart.hasPrefix("<svg ") && chart.contains("generator backward"))
  }

  /// The program that draws PNGs is asked for before anything is measured.
  @Test func aChartAsPNGNeedsItsProgram() throws {
    let folder = try TemporaryFolder()
    let outcome = try tessera(
      ["bench", "step", "--device", "cpu", "--chart", folder.path("chart.png")],
      environment: ["PATH": folder.path("")])
    #expect(outcome.status == 1 && outcome.errors.contains("librsvg2-bin"), "\(outcome)")
    #expect(try folder.contents.isEmpty)
  }

  @Test func kernelsAreMeasured() throws {
    let arguments = [
      "bench", "kernels", "--size", "16", "--cutouts", "1", "--device", "cpu", "--only",
      "attention_grad", "--duration", "0",
    ]
    let folder = try TemporaryFolder()
    let chart = folder.path("chart.png")
    let outcome = try tessera(arguments + ["--top", "2", "--chart", chart])
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
    #expect(try PNG.read(chart).image.width > 500)
    #expect(outcome.output.contains("GFLOP/s") && outcome.output.contains("attention_grad"))
    #expect(outcome.output.contains("… and "))
  }

  @Test func bareKernelsHaveNoPointwiseProgram() throws {
    let arguments = [
      "bench", "kernels", "--size", "16", "--cutouts", "1", "--device", "cpu", "--only", "conv2d",
      "--duration", "0",
    ]
    let (whole, bare) = (try tessera(arguments), try tessera(arguments + ["--bare"]))
    #expect(whole.status == 0 && whole.output.contains("pointwise"), "\(whole)")
    #expect(bare.status == 0 && bare.output.contains("conv2d"), "\(bare)")
    #expect(!bare.output.contains("pointwise"))
  }

  @Test func whatCannotBeMeasuredIsNamed() throws {
    let size = try tessera(["bench", "step", "--size", "100", "--device", "cpu"])
    #expect(size.status == 1)
    #expect(size.errors.contains("100x100 does not divide into codes: choose multiples of 16"))
    let only = try tessera(["bench", "kernels", "--only", "fft", "--device", "cpu"])
    #expect(only.status == 1 && only.errors.contains("'fft'; there are attention, "))
  }
}
