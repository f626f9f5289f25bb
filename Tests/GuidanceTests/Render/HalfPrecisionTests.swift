import Execution
import Guidance
import Imaging
import TensorGraph
import TestSupport
import Testing

/// Renders whose weights and activations are stored as halves, beside the same in full.
@Suite struct HalfPrecisionTests {
  private let models = ModelFiles(
    generator: Originals.generator, perceptor: Originals.perceptor)

  private func settings(_ precision: Precision?) throws -> RenderSettings {
    var settings = RenderSettings(prompts: [try Prompt("a red house on green")])
    (settings.width, settings.height, settings.steps) = (64, 64, 200)
    settings.cutouts.count = 4
    settings.starts = 1
    settings.precision = precision
    return settings
  }

  /// What docs/kernels.md states.
  @Test func picturesAndLossesStayClose() throws {
    let device = try #require(ComputeDevice.all().first { $0.storesHalves })
    var results: [(loss: Float, picture: Image, bytes: Int)] = []
    for precision in Precision.allCases {
      let session = try RenderSession(try settings(precision), models: models, device: device)
      var loss: Float = 0
      while session.stepsDone < 200 {
        try session.step()
        if session.stepsDone > 180 { loss += try session.loss() / 20 }
      }
      results.append((loss, try session.image(), session.plan.totalBytes))
      #expect(session.stepsDone == 200)
    }
    let (full, half) = (results[0], results[1])
    #expect(abs(full.loss - half.loss) < 0.02, "\(full.loss) \(half.loss)")
    let squares = zip(full.picture.pixels, half.picture.pixels).map { ($0 - $1) * ($0 - $1) }
    let distance = (squares.reduce(0, +) / Float(squares.count)).squareRoot()
    #expect(distance > 0 && distance < 0.08, "\(distance)")
    #expect(Double(half.bytes) < 0.75 * Double(full.bytes))
  }

  /// A saved render goes on with the scale that its loss had.
  @Test func aSavedRenderGoesOnToTheByte() throws {
    let device = try #require(ComputeDevice.all().first { $0.storesHalves })
    let whole = try RenderSession(try settings(.half), models: models, device: device)
    while whole.stepsDone < 5 {
      try whole.step()
      _ = try whole.loss()
    }
    let state = try whole.state()
    let resumed = try RenderSession(resuming: state, device: device)
    for session in [whole, resumed] { for _ in 0..<3 { try session.step() } }
    #expect(try whole.image() == resumed.image())
  }

  @Test func theCPUPathStoresNoHalves() throws {
    #expect {
      try RenderSession(try settings(.half), models: models, device: .cpu)
    } throws: { "\($0)".contains("--precision full") }
    let session = try RenderSession(try settings(nil), models: models, device: .cpu)
    #expect(session.settings.precision == .full)
  }
}
