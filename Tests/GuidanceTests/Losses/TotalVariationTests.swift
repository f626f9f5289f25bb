import Execution
import Guidance
import TensorGraph
import TestSupport
import Testing

@Suite struct TotalVariationTests {
  /// Of a 3×2 picture by hand, with its gradient, on every device.
  @Test func theValueIsTheMeanOfSquaredDifferences() throws {
    let rows: [[Float]] = [[0, 0.5, 0.25], [1, 0.5, 0]]
    let horizontal: Float = 0.25 + 0.0625 + 0.25 + 0.25
    let vertical: Float = 1 + 0 + 0.0625
    for device in ComputeDevice.all() {
      let problem = GuidanceProblem(
        PixelGenerator(), losses: [TotalVariation(weight: 2)], width: 3, height: 2)
      let descent = try Descent(problem, on: device)
      let pixels = rows.joined().flatMap { value -> [Float] in [value, 0, value] }
      try descent.begin(from: ["pixels": HostTensor(shape: [1, 2, 3, 3], pixels)])
      try descent.step()
      let losses = try descent.losses()
      let expected = 2 * (horizontal + vertical) / 18
      #expect(abs(losses.terms[0].value - expected) < 1e-6, "\(device)")
      #expect(abs(losses.total - 2 * expected) < 1e-6 && losses.terms[0].weight == 2)
    }
  }

  @Test func itsGradientIsTheSlope() throws {
    try checkGradient(
      OpCase("total variation", [[1, 3, 4, 3]]) { TotalVariation.value(of: $0[0]) })
  }

  /// A render with it is smoother than one without.
  @Test func itSmoothes() throws {
    func roughness(_ weight: Float) throws -> Float {
      var request = try smallRequest()
      (request.generator, request.generatorWeights) = (PixelGenerator.name, nil)
      request.losses[TotalVariation.name] = weight
      let session = try RenderSession(request, on: .cpu)
      try session.step(6)
      let image = try session.descent.image()
      return (1..<image.width).map { abs(image.pixels[3 * $0] - image.pixels[3 * $0 - 3]) }
        .reduce(0, +)
    }
    #expect(try roughness(100) < 0.9 * roughness(0))
  }
}
