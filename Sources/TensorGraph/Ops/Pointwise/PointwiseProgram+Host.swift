import CHostKernels

extension PointwiseProgram {
  /// Elements one unit of parallel work covers.
  private static let unitSize = 1 << 14
  /// Elements computed at a time, small enough that the intermediates stay in the nearest caches.
  private static let blockSize = 1024
  /// Longest period of a leaf that is gathered once rather than for every block.
  private static let longestPeriod = 4096

  package static func units(_ count: Int) -> Int { (count + unitSize - 1) / unitSize }

  package static func elements(of units: Range<Int>, count: Int) -> Range<Int> {
    units.lowerBound * unitSize..<min(units.upperBound * unitSize, count)
  }

  /// Where the values of a leaf come from.
  private enum Reading {
    /// From the input, where they lie as they are needed.
    case inPlace
    /// From scratch memory, to which one period and a block more were gathered.
    case periodic(Int)
    /// From scratch memory, to which every block is gathered.
    case gathered

    init(_ view: StridedView) {
      let period = view.period
      self =
        view.isIdentity
        ? .inPlace : period <= PointwiseProgram.longestPeriod ? .periodic(period) : .gathered
    }

    /// Elements of scratch memory.
    var room: Int {
      switch self {
      case .inPlace: 0
      case .periodic(let period): period + PointwiseProgram.blockSize
      case .gathered: PointwiseProgram.blockSize
      }
    }
  }

  /// Computes `units` of the output; inputs are those the leaves number.
  package func evaluate<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>,
    apply: (any PointwiseOp, HostOperands<S>, UnsafeMutablePointer<S>, Int) -> Void
  ) {
    let block = Self.blockSize
    let readings = leaves.map { Reading($0.view) }
    let sources = leaves.map { UnsafePointer(inputs[$0.input].pointer) }
    let range = Self.elements(of: units, count: count)
    if instructions.isEmpty {
      return leaves[0].view.gather(sources[0], range, into: output.pointer + range.lowerBound)
    }
    // What goes through the caches block by block.
    let streams = [UnsafePointer(output.pointer)] + leaves.indices.compactMap { slot in
      if case .inPlace = readings[slot] { sources[slot] } else { nil }
    }
    let rooms = readings.map(\.room) + instructions.map { _ in block }
    let scratch = UnsafeMutablePointer<S>.allocate(capacity: rooms.reduce(1, +))
    scratch.initialize(repeating: 0, count: rooms.reduce(1, +))
    defer { scratch.deallocate() }
    // Scratch memory of each leaf, then of each instruction.
    let places = rooms.indices.map { scratch + rooms[..<$0].reduce(0, +) }
    for (slot, leaf) in leaves.enumerated() {
      guard case .periodic(let period) = readings[slot] else { continue }
      leaf.view.gather(sources[slot], 0..<min(period, count), into: places[slot])
      for index in period..<period + block { places[slot][index] = places[slot][index - period] }
    }
    // Operands of all instructions, one instruction's after the other's; those that are leaves move on
    // from block to block.
    let slots = instructions.flatMap(\.operands)
    let operands = UnsafeMutablePointer<UnsafePointer<S>>.allocate(capacity: slots.count)
    operands.initialize(from: slots.map { UnsafePointer(places[$0]) }, count: slots.count)
    defer { operands.deallocate() }
    let moving = slots.indices.filter { slots[$0] < leaves.count }
    var values = places.map { UnsafePointer($0) }
    // What has no operands is the same in every block.
    let last = instructions.count - 1
    let isFixed = instructions.indices.map { $0 != last && instructions[$0].operands.isEmpty }
    for index in instructions.indices where isFixed[index] {
      apply(instructions[index].op, operands, places[leaves.count + index], block)
    }

    for start in stride(from: range.lowerBound, to: range.upperBound, by: block) {
      let length = min(block, range.upperBound - start)
      let target = output.pointer + start
      for slot in leaves.indices {
        switch readings[slot] {
        case .inPlace: values[slot] = sources[slot] + start
        case .periodic(let period): values[slot] = UnsafePointer(places[slot] + start % period)
        case .gathered:
          leaves[slot].view.gather(sources[slot], start..<start + length, into: places[slot])
        }
      }
      for index in moving { operands[index] = values[slots[index]] }
      let next = start + length..<min(start + length + block, range.upperBound)
      var first = operands
      for index in instructions.indices where !isFixed[index] {
        fetch(next, share: index, of: streams)
        let result = index == last ? target : places[leaves.count + index]
        apply(instructions[index].op, first, result, length)
        first += instructions[index].operands.count
      }
    }
  }

  /// Has block `next` of the streams brought to the caches, as much of it as falls on one of the
  /// instructions of the block before.
  private func fetch<S: HostScalar>(
    _ next: Range<Int>, share: Int, of streams: [UnsafePointer<S>]
  ) {
    guard !next.isEmpty else { return }
    let first = next.lowerBound + next.count * share / instructions.count
    let end = next.lowerBound + next.count * (share + 1) / instructions.count
    let byteCount = Int64((end - first) * MemoryLayout<S>.stride)
    for stream in streams { tessera_fetch(stream + first, byteCount) }
  }

  package func evaluate(
    _ inputs: [HostTensor<Float>], into output: HostTensor<Float>, units: Range<Int>
  ) {
    evaluate(inputs, into: output, units: units) { $0.applyBlock($1, into: $2, count: $3) }
  }

  package func evaluate(
    _ inputs: [HostTensor<Double>], into output: HostTensor<Double>, units: Range<Int>
  ) {
    evaluate(inputs, into: output, units: units) { $0.applyBlock($1, into: $2, count: $3) }
  }
}

extension StridedView {
  /// Elements after which the map reads the same again; the count, if it does not.
  var period: Int {
    let repeated = zip(extents, strides).prefix { $0.1 == 0 }.count
    return extents[repeated...].reduce(1, *)
  }
}
