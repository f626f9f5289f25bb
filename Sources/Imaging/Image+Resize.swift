import Foundation

/// The window that weights neighbouring samples when a picture changes its size.
public enum ResamplingFilter: Sendable {
  /// lanczos₃(t) = sinc(t) · sinc(t / 3) for |t| < 3: the sharpest of the usual ones.
  case lanczos
  /// Keys' cubic with a = -½, for |t| < 2: what CLIP was trained with.
  case bicubic

  /// Half the window's width.
  var support: Double { self == .lanczos ? 3 : 2 }

  func weight(at t: Double) -> Double {
    let t = abs(t)
    guard t < support else { return 0 }
    switch self {
    case .lanczos:
      guard t != 0 else { return 1 }
      let angle = Double.pi * t
      return 3 * sin(angle) * sin(angle / 3) / (angle * angle)
    case .bicubic:
      return t < 1 ? (1.5 * t - 2.5) * t * t + 1 : ((-0.5 * t + 2.5) * t - 4) * t + 2
    }
  }
}

extension Image {
  /// The picture at another size. The filter's window widens when shrinking, so that detail too
  /// fine for the new size averages out instead of aliasing.
  ///
  /// Weights are normalised to sum 1, the window cut at the border. Works on the sRGB-coded samples
  /// as they are, not on linear light: the models were trained on pictures resized like that, and
  /// ringing beside dark areas stays smaller. The result is clamped to 0…1. The proportions are the
  /// caller's choice.
  ///
  /// - Parameters:
  ///   - columns, rows: The part of the resized picture to compute; nil for all of it.
  ///   - roundsToBytes: Rounds to multiples of 1/255 after each direction, as Pillow does.
  /// - Complexity: separable; about 2 · support · max(1, scale) multiply-adds a sample and pass,
  ///   and one intermediate picture of [H,columns,3].
  public func resized(
    width newWidth: Int, height newHeight: Int, by filter: ResamplingFilter = .lanczos,
    columns: Range<Int>? = nil, rows: Range<Int>? = nil, roundsToBytes: Bool = false
  ) -> Image {
    precondition(
      newWidth > 0 && newHeight > 0, "Image: size \(newWidth)×\(newHeight) is not positive")
    guard columns != nil || rows != nil || (newWidth, newHeight) != (width, height) else {
      return self
    }
    let (columns, rows) = (columns ?? 0..<newWidth, rows ?? 0..<newHeight)
    precondition(
      columns.clamped(to: 0..<newWidth) == columns && rows.clamped(to: 0..<newHeight) == rows,
      "Image: part \(columns)×\(rows) of \(newWidth)×\(newHeight)")
    var samples = pixels
    if newWidth != width || columns.count != width {
      samples = resizedRows(
        of: samples,
        with: ResamplingWindows(filter, from: width, to: newWidth, places: columns))
      if roundsToBytes { Self.roundToBytes(&samples) }
    }
    if newHeight != height || rows.count != height {
      samples = resizedColumns(
        of: samples, rowLength: columns.count * Image.channelCount,
        with: ResamplingWindows(filter, from: height, to: newHeight, places: rows))
      if roundsToBytes { Self.roundToBytes(&samples) }
    }
    for index in samples.indices { samples[index] = min(max(samples[index], 0), 1) }
    return Image(width: columns.count, height: rows.count, pixels: samples)
  }

  private static func roundToBytes(_ samples: inout [Float]) {
    for index in samples.indices {
      let level = min(max(samples[index], 0), 1) * 255
      samples[index] = (level + 0.5).rounded(.down) / 255
    }
  }

  /// [H,W,3] → [H,newWidth,3].
  private func resizedRows(of source: [Float], with windows: ResamplingWindows) -> [Float] {
    let channels = Image.channelCount
    let count = height * windows.count * channels
    return [Float](unsafeUninitializedCapacity: count) { target, initialized in
      source.withUnsafeBufferPointer { source in
        var output = 0
        for y in 0..<height {
          let row = y * width * channels
          for window in 0..<windows.count {
            let start = row + windows.starts[window] * channels
            var sum = SIMD4<Float>.zero
            for (tap, weight) in windows.weights(window).enumerated() {
              let pixel = start + tap * channels
              sum += weight * SIMD4(source[pixel], source[pixel + 1], source[pixel + 2], 0)
            }
            for channel in 0..<channels {
              target.initializeElement(at: output + channel, to: sum[channel])
            }
            output += channels
          }
        }
      }
      initialized = count
    }
  }

  /// [H,rowLength] → [newHeight,rowLength], a whole row at a time, so that memory is read in order.
  private func resizedColumns(
    of source: [Float], rowLength: Int, with windows: ResamplingWindows
  ) -> [Float] {
    var target = [Float](repeating: 0, count: windows.count * rowLength)
    target.withUnsafeMutableBufferPointer { target in
      source.withUnsafeBufferPointer { source in
        for window in 0..<windows.count {
          let output = window * rowLength
          for (tap, weight) in windows.weights(window).enumerated() {
            let input = (windows.starts[window] + tap) * rowLength
            for index in 0..<rowLength { target[output + index] += weight * source[input + index] }
          }
        }
      }
    }
    return target
  }
}

/// For each sample of a resized axis, the run of source samples it reads and their weights.
struct ResamplingWindows {
  /// First source sample of each window.
  private(set) var starts: [Int] = []
  /// First weight of each window, and the end.
  private(set) var offsets: [Int] = [0]
  private(set) var allWeights: [Double] = []
  private var floatWeights: [Float] = []

  var count: Int { starts.count }

  func weights(_ window: Int) -> ArraySlice<Float> {
    floatWeights[offsets[window]..<offsets[window + 1]]
  }

  /// - Parameter places: samples of the resized axis to make windows for.
  init(_ filter: ResamplingFilter, from oldCount: Int, to newCount: Int, places: Range<Int>) {
    let scale = Double(oldCount) / Double(newCount)
    let stretch = max(scale, 1)
    let support = filter.support * stretch
    for index in places {
      // Sample i covers i…i+1, so its centre is at i + ½ on both grids.
      let center = (Double(index) + 0.5) * scale
      let start = max(0, Int((center - support + 0.5).rounded(.down)))
      let end = min(oldCount, Int((center + support + 0.5).rounded(.down)))
      let raw = (start..<end).map { filter.weight(at: (Double($0) + 0.5 - center) / stretch) }
      let total = raw.reduce(0, +)
      starts.append(start)
      allWeights.append(contentsOf: raw.map { $0 / total })
      offsets.append(allWeights.count)
    }
    floatWeights = allWeights.map { Float($0) }
  }
}
