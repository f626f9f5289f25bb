import TensorGraph

extension Tensor {
  /// The pictures that the perceptor judges this image by: the whole image pooled to the
  /// perceptor's size, and of this as many copies as there are cutouts, each transformed by chance.
  ///
  /// A cutout's maps are multiplied into one matrix, so that the image is sampled once. All draws
  /// are made on the device from (seed, step, stream) and carry no gradient.
  /// - Parameters:
  ///   - configuration: with values in their ranges.
  ///   - side: height and width of a cutout in pixels.
  ///   - step: the step's number, one element.
  ///   - stream: sets several draws of one step apart.
  ///   - batch: which of the cutouts to make, as they are when all are made at once; nil makes all.
  /// - Returns: [n,side,side,3] of this [1,H,W,3] in 0…1; noise and colour changes may leave 0…1.
  public func cutouts(
    _ configuration: CutoutConfiguration, side: Int, seed: UInt64, step: Tensor,
    stream: UInt32 = 0, batch: Range<Int>? = nil
  ) -> Tensor {
    graph.scope("cutouts") {
      let draws = CutoutDraws(
        graph: graph, total: configuration.count, batch: batch ?? 0..<configuration.count,
        seed: seed, step: step, stream: stream)
      return cutouts(
        draws.count, side: side, matrices: configuration.matrices(draws),
        padding: configuration.padding, noise: configuration.noise(draws, side: side)
      ) {
        configuration.erasing.apply(to: configuration.colorJitter.apply(to: $0, draws), draws)
      }
    }
  }

  /// Cutouts of transformations and noise that are given rather than drawn.
  /// - Parameters:
  ///   - matrices: [n,2,3] or [n,3,3], from points of the cutout to points of the image, −1…1 from
  ///     edge to edge; nil leaves the image as it is.
  ///   - padding: what a transformation finds outside the image.
  ///   - noise: added in the end, [n,side,side,3].
  ///   - adjust: what is done between the two, to [n,side,side,3].
  package func cutouts(
    _ count: Int, side: Int, matrices: Tensor?, padding: SamplePadding, noise: Tensor?,
    adjust: (Tensor) -> Tensor = { $0 }
  ) -> Tensor {
    let pooled = pooledWhole(side)
    let transformed =
      matrices.map {
        pooled.sampled(at: $0.transformationGrid(height: side, width: side), padding: padding)
      } ?? pooled.broadcast(to: [count, side, side, shape[3]])
    let adjusted = adjust(transformed)
    return noise.map { adjusted + $0 } ?? adjusted
  }

  /// The whole image [1,H,W,3] as [1,side,side,3], whatever its proportions: halfway between the
  /// mean and the largest value of the pixels that fall together. The mean alone blurs, and the
  /// largest alone brightens.
  private func pooledWhole(_ side: Int) -> Tensor {
    let mean = adaptiveAveragePooled(height: side, width: side)
    return 0.5 * (mean + adaptiveMaxPooled(height: side, width: side))
  }
}

extension CutoutConfiguration {
  /// The drawn maps [n,2,3], or [n,3,3] with perspective; nil if there are none.
  fileprivate func matrices(_ draws: CutoutDraws) -> Tensor? {
    let perspective = TransformMatrix.perspective(perspective, draws)
    // The image is mirrored first, so its map is applied to a point last.
    let maps = [
      TransformMatrix.flip(probability: flipProbability, draws),
      TransformMatrix.affine(affine, draws),
      perspective,
    ].compactMap { $0 }
    guard let first = maps.first else { return nil }
    return maps.dropFirst().reduce(first, *).tensor(rows: perspective == nil ? 2 : 3)
  }

  /// Noise of each cutout's own deviation, [n,side,side,3]; nil if there is none.
  fileprivate func noise(_ draws: CutoutDraws, side: Int) -> Tensor? {
    guard noise > 0 else { return nil }
    let deviation = draws.uniform(.noiseDeviation, columns: 1)[0] * noise
    return draws.normal(.noise, [side, side, 3])
      * deviation.reshaped([draws.count, 1, 1, 1])
  }
}
