import Execution
import Foundation
import Guidance
import Imaging
import TestSupport

/// A render of a second or two with the starter pair: 48×32 pixels, 6 steps, 4 cutouts, no search.
/// All tests share its size, so that kernels are compiled once.
func smallRequest(_ prompts: [Prompt]? = nil) throws -> RenderRequest {
  var request = RenderRequest(prompts: try prompts ?? [Prompt("a red house on green")])
  (request.width, request.height, request.steps) = (48, 32, 6)
  (request.cutouts.count, request.starts) = (4, 1)
  request.generatorWeights = InputFile(Originals.generator)
  request.perceptors = [RenderRequest.Perceptor(InputFile(Originals.perceptor))]
  return request
}

extension RenderSession {
  /// Queues `count` steps.
  func step(_ count: Int) throws { for _ in 0..<count { try descent.step() } }
}

extension TemporaryFolder {
  /// Writes `image` as `name` and returns its path.
  func write(_ image: Image, as name: String) throws -> String {
    try PNG.write(image, to: path(name))
    return path(name)
  }
}

extension ComputeDevice {
  /// The CPU path and one OpenCL device, for tests that compile many kernels; `make large` has all.
  static let compared: [ComputeDevice] = {
    let all = ComputeDevice.all().filter(\.isUsable)
    let isLarge = ProcessInfo.processInfo.environment["TESSERA_LARGE"] != nil
    return isLarge ? all : Array(all.prefix(2))
  }()
}
