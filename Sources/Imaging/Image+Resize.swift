import Foundation

extension Image {
  /// The picture at another size, filtered by a Lanczos window of three lobes that widens when
  /// shrinking, so that detail too fine for the new size averages out instead of aliasing.
  ///
  /// lanczos₃(t) = sinc(t) · sinc(t / 3) for |t| < 3, weights normalised to sum 1, the window cut
  /// at the border. Works on the sRGB-coded samples as they are, not on linear light: the models
  /// were trained on pictures resized like that, and ringing beside dark areas stays smaller. The
  /// result is clamped to 0…1. The proportions are the caller's choice: nothing is cropped.
  ///
  /// - Complexity: separable; about 6 · max(1, scale) multiply-adds a sample and pass, and one
  ///   intermediate picture of [H,newWidth,3].
  public func resized(width newWidth: Int, height newHeight: Int) -> Image {
    precondition(
      newWidth > 0 && newHeight > 0, "Image: size \(newWidth)×\(newHeight) is not positive")
    guard (newWidth, newHeight) != (width, height) else { return self }
    var samples = pixels
    if newWidth != width {
      samples = resizedRows(of: samples, with: ResamplingWindows(from: width, to: newWidth))
    }
    if newHeight != height {
      samples = resizedColumns(
        of: samples, rowLength: newWidth * Image.channelCount,
        with: ResamplingWindows(from: height, to: newHeight))
    }
    for index in samples.indices { samples[index] = min(max(samples[index], 0), 1) }
    return Image(width: newWidth, height: newHeight, pixels: samples)
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
private struct ResamplingWindows {
  /// First source sample of each window.
  private(set) var starts: [Int] = []
  private var offsets: [Int] = [0]
  private var allWeights: [Float] = []

  var count: Int { starts.count }

  func weights(_ window: Int) -> ArraySlice<Float> {
    allWeights[offsets[window]..<offsets[window + 1]]
  }

  init(from oldCount: Int, to newCount: Int) {
    let scale = Double(oldCount) / Double(newCount)
    let stretch = max(scale, 1)
    let support = 3 * stretch
    for index in 0..<newCount {
      // Sample i covers i…i+1, so its centre is at i + ½ on both grids.
      let center = (Double(index) + 0.5) * scale
      let start = max(0, Int((center - support + 0.5).rounded(.down)))
      let end = min(oldCount, Int((center + support + 0.5).rounded(.down)))
      let raw = (start..<end).map { lanczos3((Double($0) + 0.5 - center) / stretch) }
      let total = raw.reduce(0, +)
      starts.append(start)
      allWeights.append(contentsOf: raw.map { Float($0 / total) })
      offsets.append(allWeights.count)
    }
  }
}

private func lanczos3(_ t: Double) -> Double {
  guard abs(t) < 3 else { return 0 }
  guard t != 0 else { return 1 }
  let angle = Double.pi * t
  return 3 * sin(angle) * sin(angle / 3) / (angle * angle)
}
