extension ByteImage {
  private typealias Windows = FixedPointWindows

  /// The picture at another size, filtered as Pillow does it: along rows first, rounded to bytes,
  /// then along columns, with weights in fixed point of 22 bits. The bytes are Pillow's, too, but
  /// where its recent versions begin with the columns. `Image.resized` says what the filter does.
  ///
  /// - Parameters:
  ///   - columns, rows: The part of the resized picture to compute; nil for all of it.
  /// - Complexity: about 2 · support · max(1, scale) multiply-adds a sample and pass.
  package func resized(
    width newWidth: Int, height newHeight: Int, by filter: ResamplingFilter = .bicubic,
    columns: Range<Int>? = nil, rows: Range<Int>? = nil
  ) -> ByteImage {
    precondition(
      newWidth > 0 && newHeight > 0, "ByteImage: size \(newWidth)×\(newHeight) is not positive")
    let (columns, rows) = (columns ?? 0..<newWidth, rows ?? 0..<newHeight)
    precondition(
      columns.clamped(to: 0..<newWidth) == columns && rows.clamped(to: 0..<newHeight) == rows,
      "ByteImage: part \(columns)×\(rows) of \(newWidth)×\(newHeight)")
    var picture = self
    if newHeight == height { picture = picture.rows(rows) }
    if newWidth != width {
      let windows = ResamplingWindows(filter, from: width, to: newWidth, places: columns)
      picture = picture.resizedRows(with: Windows(windows))
    } else if columns != 0..<width {
      picture = picture.cropped(
        x: columns.lowerBound, y: 0, width: columns.count, height: picture.height)
    }
    if newHeight != height {
      let windows = ResamplingWindows(filter, from: height, to: newHeight, places: rows)
      picture = picture.resizedColumns(with: Windows(windows))
    }
    return picture
  }

  private func rows(_ rows: Range<Int>) -> ByteImage {
    cropped(x: 0, y: rows.lowerBound, width: width, height: rows.count)
  }

  /// [H,W,3] → [H,windows,3].
  private func resizedRows(with windows: Windows) -> ByteImage {
    let count = height * windows.count * 3
    let target = [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
      bytes.withUnsafeBufferPointer { source in
        windows.weights.withUnsafeBufferPointer { weights in
          var output = 0
          for row in 0..<height {
            for window in 0..<windows.count {
              var input = (row * width + windows.starts[window]) * 3
              // Not as a vector: x86-64 without extensions multiplies no vectors of Int32.
              var (red, green, blue) = (Windows.half, Windows.half, Windows.half)
              for weight in weights[windows.offsets[window]..<windows.offsets[window + 1]] {
                red &+= weight &* Int32(source[input])
                green &+= weight &* Int32(source[input + 1])
                blue &+= weight &* Int32(source[input + 2])
                input += 3
              }
              target.initializeElement(at: output, to: Windows.byte(red))
              target.initializeElement(at: output + 1, to: Windows.byte(green))
              target.initializeElement(at: output + 2, to: Windows.byte(blue))
              output += 3
            }
          }
        }
      }
      initialized = count
    }
    return ByteImage(width: windows.count, height: height, bytes: target)
  }

  /// [H,W,3] → [windows,W,3], a whole row at a time.
  private func resizedColumns(with windows: Windows) -> ByteImage {
    let length = width * 3
    let count = windows.count * length
    var sums = [Int32](repeating: 0, count: length)
    let target = [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
      bytes.withUnsafeBufferPointer { source in
        sums.withUnsafeMutableBufferPointer { sums in
          for window in 0..<windows.count {
            sums.update(repeating: Windows.half)
            var input = windows.starts[window] * length
            for index in windows.offsets[window]..<windows.offsets[window + 1] {
              let weight = windows.weights[index]
              for place in 0..<length { sums[place] &+= weight &* Int32(source[input + place]) }
              input += length
            }
            let output = window * length
            for place in 0..<length {
              target.initializeElement(
                at: output + place, to: Windows.byte(sums[place]))
            }
          }
        }
      }
      initialized = count
    }
    return ByteImage(width: width, height: windows.count, bytes: target)
  }
}

/// Windows with weights as whole numbers: 8 bits of a byte and 2 of overshoot remain of 32.
private struct FixedPointWindows {
  static let bits: Int32 = 22
  static let half: Int32 = 1 << (bits - 1)

  let starts: [Int]
  let offsets: [Int]
  let weights: [Int32]

  var count: Int { starts.count }

  init(_ windows: ResamplingWindows) {
    starts = windows.starts
    offsets = windows.offsets
    weights = windows.allWeights.map {
      Int32(($0 * Double(1 << Self.bits)).rounded(.toNearestOrAwayFromZero))
    }
  }

  static func byte(_ sum: Int32) -> UInt8 { UInt8(min(max(sum >> bits, 0), 255)) }
}
