import TensorGraph

extension ComputeDevice {
  /// Has the weights of `plan` stay on this device once a program has made them, so that what
  /// several programs read is read once, and packed once for all that pack it alike.
  ///
  /// ```swift
  /// let lease = try device.lease(weightsOf: render)
  /// let start = try search(device)        // reads most weights of the render
  /// let program = try device.compile(render)
  /// ```
  ///
  /// A program that would not fit beside weights that it does not use has them released: they are
  /// then read again.
  public func lease(weightsOf plan: Plan) throws -> WeightLease {
    let keys = plan.keptWeightKeys
    guard let device else { return CPUExecutable.weights.lease(keys) }
    return try DeviceResources.of(device).weights.lease(keys)
  }

  /// Bytes that leases hold on this device.
  var leasedBytes: Int {
    guard let device else { return CPUExecutable.weights.leasedBytes() }
    return (try? DeviceResources.of(device).weights.leasedBytes()) ?? 0
  }
}
