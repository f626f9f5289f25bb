import TensorGraph

extension Tensor {
  /// The pictures that the perceptor judges this image by, made by the configuration's method, each
  /// transformed by chance.
  ///
  /// All draws are made on the device from (seed, step, stream) and carry no gradient.
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
      return configuration.chosenMethod.cutouts(of: self, configuration, side: side, draws)
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
    pooledWhole(side).transformed(
      count, matrices: matrices, padding: padding, noise: noise, adjust: adjust)
  }

  /// `count` copies of this [1,S,S,3], or each of this [n,S,S,3], transformed.
  fileprivate func transformed(
    _ count: Int, matrices: Tensor?, padding: SamplePadding, noise: Tensor?,
    adjust: (Tensor) -> Tensor
  ) -> Tensor {
    let (height, width) = (shape[1], shape[2])
    let transformed =
      matrices.map {
        sampled(at: $0.transformationGrid(height: height, width: width), padding: padding)
      } ?? broadcast(to: [count, height, width, shape[3]])
    let adjusted = adjust(transformed)
    return noise.map { adjusted + $0 } ?? adjusted
  }
}

extension CutoutConfiguration {
  /// What is done by chance to the cutouts that `plain` shows: the named augmentations, or the parts
  /// of this configuration.
  ///
  /// The parts' maps are multiplied into one matrix, so that a cutout is sampled once.
  /// - Parameter plain: [1,S,S,3] for all cutouts, or [n,S,S,3].
  /// - Returns: [n,S,S,3].
  func augmented(_ draws: CutoutDraws, of plain: () -> Tensor) -> Tensor {
    if let namedAugmentations { return augmented(plain(), by: namedAugmentations, draws) }
    // The plans of pooled cutouts depend on this order.
    let matrices = matrices(draws)
    let cutouts = plain()
    let noise = noise(draws, side: cutouts.shape[1])
    return cutouts.transformed(draws.count, matrices: matrices, padding: padding, noise: noise) {
      erasing.apply(to: colorJitter.apply(to: $0, draws), draws)
    }
  }

  /// The same for a method that has augmentations of its own, unless others are named.
  func augmented(
    _ draws: CutoutDraws, by own: [any Augmentation], of plain: () -> Tensor
  ) -> Tensor {
    augmented(plain(), by: namedAugmentations ?? own, draws)
  }

  private var namedAugmentations: [any Augmentation]? {
    augmentations?.map { $0.augmentation(followsOriginals: followsOriginals) }
  }

  private func augmented(
    _ plain: Tensor, by augmentations: [any Augmentation], _ draws: CutoutDraws
  ) -> Tensor {
    let cutouts = plain.broadcast(to: [draws.count] + plain.shape.dropFirst())
    let changed = augmentations.enumerated().reduce(cutouts) { cutouts, augmentation in
      augmentation.element.apply(to: cutouts, draws.augmentation(augmentation.offset))
    }
    return noise(draws, side: plain.shape[1]).map { changed + $0 } ?? changed
  }

  /// The drawn maps [n,2,3], or [n,3,3] with perspective; nil if there are none.
  private func matrices(_ draws: CutoutDraws) -> Tensor? {
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
  private func noise(_ draws: CutoutDraws, side: Int) -> Tensor? {
    guard noise > 0 else { return nil }
    let deviation = draws.uniform(.noiseDeviation, columns: 1)[0] * noise
    return draws.normal(.noise, [side, side, 3])
      * deviation.reshaped([draws.count, 1, 1, 1])
  }
}
