import TensorGraph

/// Settings that every training has.
package protocol ModelSettings: Sendable, Codable {
  /// Side of the pictures, in pixels.
  var size: Int { get }
  /// Pictures of a step.
  var batch: Int { get }
  var steps: Int { get }
  var seed: UInt64 { get }
  /// How pictures of a folder or a tar become squares.
  var crop: PictureCrop { get }
}

extension VQGANSettings: ModelSettings {
  package var crop: PictureCrop {
    followsOriginal ? .center : .random(scale: 0.9...1, flips: true)
  }
}

extension CLIPSettings: ModelSettings {}

extension ModelSettings {
  // A mirrored picture may belie its caption.
  package var crop: PictureCrop { .openCLIP }
}

extension Graph {
  /// The input `pictures` of bytes, [count,side,side,3], in 0…255.
  func pictures(_ count: Int, side: Int) -> Tensor {
    input("pictures", [count, side, side, 3], .uint8).converted(to: .float32)
  }
}
