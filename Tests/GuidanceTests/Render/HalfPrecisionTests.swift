import Execution
import Guidance
import Imaging
import TensorGraph
import TestSupport
import Testing

/// Renders whose weights and activations are stored as halves, beside the same in full.
@Suite struct HalfPrecisionTests {
  private func request(_ precision: Precision?) throws -> RenderRequest {
    var request = try smallRequest()
    (request.width, request.height, request.steps) = (64, 64, 200)
    request.precision = precision
    return request
  }

  /// What docs/kernels.md states.
  @Test func picturesAndLossesStayClose() throws {
    let device = try #require(ComputeDevice.all().first { $0.storesHalves })
    var results: [(loss: Float, picture: Image, bytes: Int)] = []
    for precision in Precision.allCases {
      let session = try RenderSession(request(precision), on: device)
      var loss: Float = 0
      while session.descent.stepsDone < 200 {
        try session.step(1)
        if session.descent.stepsDone > 180 { loss += try session.descent.losses().total / 20 }
      }
      results.append((loss, try session.descent.image(), session.descent.executable.plan.totalBytes))
      #expect(session.descent.stepsDone == 200)
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
    let whole = try RenderSession(request(.half), on: device)
    while whole.descent.stepsDone < 5 {
      try whole.step(1)
      _ = try whole.descent.losses()
    }
    let resumed = try RenderSession(resuming: whole.saved(), on: device)
    for session in [whole, resumed] { try session.step(3) }
    #expect(try whole.descent.image() == resumed.descent.image())
  }

  @Test func theCPUPathStoresNoHalves() throws {
    #expect {
      try RenderSession(request(.half), on: .cpu)
    } throws: { "\($0)".contains("--precision full") }
    let session = try RenderSession(request(nil), on: .cpu)
    #expect(session.resolved.precision == .full)
  }
}
