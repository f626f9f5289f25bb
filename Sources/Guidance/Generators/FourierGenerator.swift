import Execution
import Imaging
import RealModule
import TensorGraph

/// A picture's spectrum as parameters: steps move waves of every length at once, which gives smooth
/// shapes where pixels give noise.
///
/// The `fft_image` of eps696/aphantasia, after Lucid: coefficients are weighted by
/// √(H·W) / max(f, 4 / max(H, W))^decay, the inverse transform is brought to a fixed deviation, its
/// channels are mixed by the square root of natural colours' correlation, and a sigmoid follows.
/// The inverse transform is two products with constant matrices (``FourierMatrices``).
public struct FourierGenerator: Generator {
  public static let name = "fft"
  /// The parameter [3,2H,W/2+1]: real parts above imaginary parts, of three decorrelated channels.
  private static let spectrumName = "spectrum"
  /// Rate in units of the descent's: aphantasia's 0.05 of the 0.15 that suits a VQGAN's latent.
  private static let learningRateFactor: Float = 1 / 3
  /// Deviation of the coefficients that a render starts from.
  private static let startDeviation: Float = 0.01

  /// Exponent by which short waves are weakened.
  public var decay: Float = 1.5
  /// Deviation of the picture before the sigmoid.
  public var contrast: Float = 1.1
  /// Saturation, 1 being that of natural pictures.
  public var colors: Float = 1.8

  public init() {}

  public var factor: Int { 1 }

  public func trace(in graph: Graph, width: Int, height: Int) throws -> TracedGenerator {
    let matrices = FourierMatrices(width: width, height: height, decay: decay)
    let spectrum = graph.variable(Self.spectrumName, matrices.spectrumShape, .float32, .zeros)
    return TracedGenerator(
      parameters: [
        .init(Self.spectrumName, spectrum, learningRateFactor: Self.learningRateFactor)
      ], picture: picture(of: spectrum, width: width, height: height))
  }

  /// [1,H,W,3] of a spectrum [3,2H,W/2+1].
  package func picture(of spectrum: Tensor, width: Int, height: Int) -> Tensor {
    let matrices = FourierMatrices(width: width, height: height, decay: decay)
    let waves = matrices.inverse(spectrum * matrices.weights(in: spectrum.graph))  // [3,H,W]
    let centered = waves - waves.mean()
    let count = Float(3 * height * width)
    let variance = (centered * centered).sum(axes: [0, 1, 2]).reshaped([]) * (1 / (count - 1))
    let scaled = waves * (contrast / variance.maximum(variance.fullLike(1e-24)).squareRoot())
    let channels = scaled.permuted([1, 2, 0]).reshaped([1, height, width, 3])
    return mixed(channels, by: ColorCorrelation(colors: colors).matrix).sigmoid()
  }

  public func randomStart(
    width: Int, height: Int, seed: UInt64, number: Int
  ) throws -> ParameterValues {
    let matrices = FourierMatrices(width: width, height: height, decay: decay)
    let values = RandomStart.normal(matrices.spectrumShape, seed: seed, number: number)
    for index in 0..<values.count { values[index] *= Self.startDeviation }
    return [Self.spectrumName: values]
  }

  /// The spectrum of the picture, but for its contrast, which is always ``contrast``: scaled so that
  /// the coefficients are as large as those of a random start.
  public func encode(_ picture: Image, on device: ComputeDevice) throws -> ParameterValues {
    let (width, height) = (picture.width, picture.height)
    let graph = Graph()
    let pixels = graph.input("picture", [1, height, width, 3])
    let inside = pixels.minimum(pixels.fullLike(0.99)).maximum(pixels.fullLike(0.01))
    let logits = (inside / (1 - inside)).logarithm()
    let channels = mixed(logits, by: ColorCorrelation(colors: colors).inverse)
    let matrices = FourierMatrices(width: width, height: height, decay: decay)
    let waves = channels.reshaped([height, width, 3]).permuted([2, 0, 1])
    graph.output("spectrum", matrices.forward(waves) / matrices.weights(in: graph))
    let executable = try device.compile(graph)
    try executable.write("picture", picture.pixels)
    try executable.step()
    let spectrum = try executable.read("spectrum")
    let squares = spectrum.reduce(0) { $0 + Double($1) * Double($1) }
    let deviation = Float((squares / Double(spectrum.count)).squareRoot())
    let scale = Self.startDeviation / max(deviation, .leastNormalMagnitude)
    return [
      Self.spectrumName: HostTensor(shape: matrices.spectrumShape, spectrum.map { $0 * scale })
    ]
  }

  /// The pixels of `x` [1,H,W,3], as columns, multiplied by a matrix of three rows.
  private func mixed(_ x: Tensor, by matrix: [[Float]]) -> Tensor {
    let columns = (0..<3).map { channel in
      x.sliced(axis: 3, channel..<channel + 1)
        * x.graph.literal(matrix.map { $0[channel] }, [3])
    }
    return columns[0] + columns[1] + columns[2]
  }
}

/// The square root of the correlation of natural pictures' colours, by which decorrelated channels
/// are mixed (Olah, Mordvintsev and Schubert, "Feature Visualization", Distill 2017; Lucid's
/// `color.py`).
struct ColorCorrelation {
  /// Rows for red, green and blue; largest length of a column 1.
  let matrix: [[Float]]

  /// - Parameter colors: divides the channel of brightness, so that the two others count for more.
  init(colors: Float) {
    let root: [[Float]] = [[0.26, 0.09, 0.02], [0.27, 0, -0.05], [0.27, -0.09, 0.03]]
    let divided = root.map { [$0[0] / colors, $0[1], $0[2]] }
    let lengths = (0..<3).map { column in
      divided.reduce(0) { $0 + $1[column] * $1[column] }.squareRoot()
    }
    matrix = divided.map { row in row.map { $0 / lengths.max()! } }
  }

  /// The inverse, by Cramer's rule.
  var inverse: [[Float]] {
    func minor(_ row: Int, _ column: Int) -> Float {
      let (a, b) = ((row + 1) % 3, (row + 2) % 3)
      let (c, d) = ((column + 1) % 3, (column + 2) % 3)
      return matrix[a][c] * matrix[b][d] - matrix[a][d] * matrix[b][c]
    }
    let determinant = (0..<3).reduce(0) { $0 + matrix[0][$1] * minor(0, $1) }
    return (0..<3).map { row in (0..<3).map { minor($0, row) / determinant } }
  }
}

/// The real two-dimensional Fourier transform of [3,H,W] and its inverse, as products with constant
/// matrices, both orthonormal (`norm="ortho"`).
///
/// A spectrum [3,2H,F], F = W/2+1, holds the real parts of the H frequencies along columns, then the
/// imaginary ones; of the frequencies along rows the half that a real picture needs.
struct FourierMatrices {
  let width: Int
  let height: Int
  /// Exponent by which short waves are weakened.
  let decay: Float

  private var frequencies: Int { width / 2 + 1 }

  var spectrumShape: Shape { [3, 2 * height, frequencies] }

  /// √(H·W) / max(f, 4 / max(H, W))^decay of every coefficient, [2H,F]; f in waves a pixel.
  func weights(in graph: Graph) -> Tensor {
    let (width, height, columns) = (width, height, frequencies)
    let lowest = 4 / Float(max(width, height))
    let root = Float(width * height).squareRoot()
    return constant("weights", [2 * height, columns], in: graph) { row, column in
      let row = row % height
      let vertical = Float(row <= (height - 1) / 2 ? row : row - height) / Float(height)
      let horizontal = Float(column) / Float(width)
      let frequency = (vertical * vertical + horizontal * horizontal).squareRoot()
      return root / Float.pow(max(frequency, lowest), decay)
    }
  }

  /// Spectrum [3,2H,F] → [3,H,W].
  func inverse(_ spectrum: Tensor) -> Tensor {
    let graph = spectrum.graph
    let rotated = rotation(in: graph, sign: 1).matmul(spectrum)
    // Real and imaginary parts side by side: [3,H,2F].
    let columns = rotated.reshaped([3, 2, height, frequencies]).permuted([0, 2, 1, 3])
      .reshaped([3, height, 2 * frequencies])
    let (width, frequencies) = (width, frequencies)
    let toPixels = constant("waves", [2 * frequencies, width], in: graph) { row, column in
      let frequency = row % frequencies
      let (sine, cosine) = Self.unitCircle(frequency * column, of: width)
      // Frequencies between the first and the middle stand for their mirror images, too.
      let count: Float = frequency == 0 || 2 * frequency == width ? 1 : 2
      return count * (row < frequencies ? cosine : -sine) / Float(width).squareRoot()
    }
    return columns.matmul(toPixels)
  }

  /// [3,H,W] → spectrum [3,2H,F].
  func forward(_ pixels: Tensor) -> Tensor {
    let graph = pixels.graph
    let (width, frequencies) = (width, frequencies)
    let toWaves = constant("forward waves", [width, 2 * frequencies], in: graph) { row, column in
      let (sine, cosine) = Self.unitCircle(row * (column % frequencies), of: width)
      return (column < frequencies ? cosine : -sine) / Float(width).squareRoot()
    }
    let rows = pixels.matmul(toWaves).reshaped([3, height, 2, frequencies])
      .permuted([0, 2, 1, 3]).reshaped([3, 2 * height, frequencies])
    return rotation(in: graph, sign: -1).matmul(rows)
  }

  /// The complex transform along columns as a real matrix [2H,2H]: [[C,−sS],[sS,C]] / √H.
  private func rotation(in graph: Graph, sign: Float) -> Tensor {
    let height = height
    return constant("rotation", [2 * height, 2 * height], in: graph) { row, column in
      let (sine, cosine) = Self.unitCircle((row % height) * (column % height), of: height)
      let value =
        row / height == column / height ? cosine : row < height ? -sign * sine : sign * sine
      return value / Float(height).squareRoot()
    }  }

  private func constant(
    _ name: String, _ shape: Shape, in graph: Graph,
    _ value: @escaping @Sendable (_ row: Int, _ column: Int) -> Float
  ) -> Tensor {
    graph.constant(
      "fourier \(name) \(width)x\(height)", shape,
      .reader { values in
        for index in values.indices {
          values[index] = value(index / shape[1], index % shape[1])
        }
      })
  }

  /// Sine and cosine of 2π · `numerator` / `period`, in double precision.
  private static func unitCircle(_ numerator: Int, of period: Int) -> (sine: Float, cosine: Float) {
    let angle = 2 * Double.pi * Double(numerator % period) / Double(period)
    return (Float(Double.sin(angle)), Float(Double.cos(angle)))
  }
}
