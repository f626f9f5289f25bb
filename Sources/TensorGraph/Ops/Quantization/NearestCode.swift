import CHostKernels

/// Index of the codebook row nearest to each position, by squared distance: int32 [P].
///
/// Inputs are z [P,D] and the codebook [K,D]. Of equally near rows the first wins. Distances are
/// summed from differences, so nearby rows far from the origin keep their order; the P×K of them
/// are never stored. (van den Oord et al., Neural Discrete Representation Learning, 2017.)
package struct NearestCode: ReferenceOp, NonDifferentiable {
  package init() {}

  package var name: String { "nearest_code" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 2)
    let (z, codes) = (inputs[0].shape, inputs[1].shape)
    let fits = z.count == 2 && codes.count == 2 && z[1] == codes[1] && codes[0] > 0
    try require(fits, "\(inputs[0]) and codebook \(inputs[1]) are not [P,D] and [K,D]")
    return TensorType([z[0]], .int32)
  }

  package func cost(inputs: [TensorType], output: TensorType) -> Cost {
    let flops = 3 * inputs[0].elementCount * inputs[1].shape[0]
    return Cost(flops: flops, bytes: traffic(inputs, output))
  }

  package func units(inputs: [TensorType], output: TensorType) -> Int { output.elementCount }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    let depth = inputs[0].shape[1]
    let codes = inputs[1].shape[0]
    for unit in units {
      let z = UnsafePointer(inputs[0].pointer + unit * depth)
      var best = S.infinity
      var index = 0
      for code in 0..<codes {
        let distance = squaredDistance(z, inputs[1].pointer + code * depth, depth)
        if distance < best {
          best = distance
          index = code
        }
      }
      output[unit] = S(index)
    }
  }

  package func evaluate(
    _ inputs: [HostTensor<Float>], into output: HostTensor<Float>, units: Range<Int>
  ) {
    let depth = inputs[0].shape[1]
    tessera_nearest_codes(
      inputs[0].pointer + units.lowerBound * depth, Int64(units.count), inputs[1].pointer,
      Int64(inputs[1].shape[0]), Int64(depth), output.pointer + units.lowerBound)
  }

  /// In eight interleaved sums that a compiler may keep in one vector.
  @inline(__always)
  private func squaredDistance<S: HostScalar>(
    _ a: UnsafePointer<S>, _ b: UnsafePointer<S>, _ count: Int
  ) -> S {
    @inline(__always) func square(_ i: Int) -> S {
      let difference = a[i] - b[i]
      return difference * difference
    }
    var s: (S, S, S, S, S, S, S, S) = (0, 0, 0, 0, 0, 0, 0, 0)
    var i = 0
    while i + 8 <= count {
      s.0 += square(i)
      s.1 += square(i + 1)
      s.2 += square(i + 2)
      s.3 += square(i + 3)
      s.4 += square(i + 4)
      s.5 += square(i + 5)
      s.6 += square(i + 6)
      s.7 += square(i + 7)
      i += 8
    }
    var total = ((s.0 + s.4) + (s.2 + s.6)) + ((s.1 + s.5) + (s.3 + s.7))
    while i < count {
      total += square(i)
      i += 1
    }
    return total
  }

  package var variants: [KernelVariant] {
    [
      KernelVariant("nearest_code_rows") { context in
        context.device.deviceClass == .cpu && context.inputs[0].shape[1] % 16 == 0
      } plan: { context in
        let z = context.inputs[0].shape
        let rows = min(12, z[0])
        // At most 12 blocks of rows a work-item, as even as they come.
        let allBlocks = (z[0] - 1) / rows + 1
        let items = (allBlocks - 1) / 12 + 1
        let blocks = min((allBlocks - 1) / items + 1, z[0] / rows)
        return shared(context, positions: rows * blocks, codes: 32) { arguments, shares in
          KernelLaunch(
            "nearest_code_rows", defines: ["DEPTH": z[1], "ROWS": rows, "BLOCKS": blocks],
            arguments: arguments, global: [(z[0] - 1) / (rows * blocks) + 1, shares], local: [1, 1])
        }
      },
      KernelVariant("nearest_code_tiled") {
        $0.device.maxWorkGroupSize >= 128
      } plan: { context in
        let (z, positions, local) = (context.inputs[0].shape, 32, 128)
        return shared(context, positions: positions, codes: 64) { arguments, shares in
          KernelLaunch(
            "nearest_code_tiled", arguments: arguments + [.int(z[1])],
            global: [((z[0] - 1) / positions + 1) * local, shares], local: [local, 1],
            isDivisible: true)
        }
      },
    ]
  }

  /// Shares of the codes, so many that every compute unit has work, and then the nearest of theirs.
  /// - Parameters:
  ///   - positions: that a work-group compares at a time, with so many `codes`.
  ///   - launch: what compares, given its first arguments and the number of shares.
  private func shared(
    _ context: KernelContext, positions: Int, codes: Int,
    launch: (_ arguments: [KernelArgument], _ shares: Int) -> KernelLaunch
  ) -> KernelPlan {
    let (count, allCodes) = (context.inputs[0].shape[0], context.inputs[1].shape[0])
    let blocks = (count - 1) / positions + 1
    let tiles = (allCodes - 1) / codes + 1
    let wanted = min(tiles, (4 * context.device.computeUnits - 1) / blocks + 1)
    let share = ((tiles - 1) / wanted + 1) * codes
    let shares = (allCodes - 1) / share + 1
    let compare = launch(
      [
        .input(0), .input(1), .scratch(0), .scratch(1), .int(count), .int(allCodes), .int(share),
      ], shares)
    let combine = KernelLaunch(
      "nearest_code_combine",
      arguments: [.scratch(0), .scratch(1), .output, .int(count), .int(shares)],
      global: [count], local: [context.flatLocal])
    return KernelPlan([compare, combine], scratch: [4 * count * shares, 4 * count * shares])
  }
}

extension Tensor {
  /// For each row of this [P,D], the index of the nearest row of `codebook` [K,D]: int32 [P].
  ///
  /// Ties go to the first; there is no gradient. 3·P·K·D operations.
  public func nearestCodes(
    in codebook: Tensor, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    graph.at(file, line) {
      graph.apply(NearestCode(), [self, codebook])
    }
  }
}
