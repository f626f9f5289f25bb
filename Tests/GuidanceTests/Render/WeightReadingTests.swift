import Execution
import Foundation
import Guidance
import TestSupport
import Testing
import Weights

@Suite struct WeightReadingTests {
  /// From the prompt to the first step, through the search for a start and the encoder, every weight is
  /// read once.
  @Test func aRenderReadsItsWeightsOnce() throws {
    var request = try smallRequest()
    request.starts = 2
    let size = try [Originals.generator, Originals.perceptor].reduce(0) { sum, path in
      sum + (try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0)
    }
    for device in ComputeDevice.all() {
      let before = weightBytesRead
      let session = try RenderSession(request, on: device)
      try session.descent.step()
      let read = weightBytesRead - before
      #expect(read > size / 2 && read <= size * 11 / 10, "\(device): \(read) of \(size) bytes")
    }
  }
}
