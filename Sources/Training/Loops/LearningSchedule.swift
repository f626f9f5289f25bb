import Foundation

/// Learning rate of every step: a straight rise, then half a cosine down to a share of the peak.
///
/// Loshchilov and Hutter, "SGDR" (ICLR 2017), without restarts; open_clip's `cosine_lr` for share 0.
public struct LearningSchedule: Hashable, Sendable, Codable {
  /// Rate of the step that ends the rise.
  public var peak: Float
  /// Steps of the rise.
  public var warmup: Int
  /// Steps in all.
  public var steps: Int
  /// Rate after the last step, as a share of the peak: 1 keeps it constant.
  public var finalShare: Float

  public init(peak: Float, warmup: Int, steps: Int, finalShare: Float = 0) {
    (self.peak, self.warmup, self.steps, self.finalShare) = (peak, warmup, steps, finalShare)
  }

  /// Rate of the step that follows `done` others.
  public func rate(after done: Int) -> Float {
    if done < warmup { return peak * Float(done + 1) / Float(warmup) }
    let progress = Double(min(done, steps) - warmup) / Double(max(steps - warmup, 1))
    let swing = Float(0.5 * (1 + cos(Double.pi * progress)))
    return peak * (finalShare + (1 - finalShare) * swing)
  }
}
