import Execution
import Guidance
import TensorGraph
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// The Fourier generator against its formula, written out as sums in Double.
@Suite struct FourierGeneratorTests {
  @Test(arguments: [(6, 4), (5, 3), (8, 5)])
  func thePictureIsTheFormula(width: Int, height: Int) throws {
    let columns = width / 2 + 1
    let generator = FourierGenerator()
    let start = try generator.randomStart(width: width, height: height, seed: 4, number: 2)
    let spectrum = try #require(start["spectrum"])
    #expect(spectrum.shape == [3, 2 * height, columns])
    let graph = Graph()
    let traced = try generator.trace(in: graph, width: width, height: height)
    graph.output("picture", traced.picture)
    let executable = try ComputeDevice.cpu.compile(graph)
    try executable.write("spectrum", spectrum.values)
    try executable.step()
    let found = try executable.read("picture")

    // √(HW) / max(f, 4/max(H,W))^1.5, and `torch.fft.irfft2(norm="ortho")`: the mirrored half is
    // added, the imaginary parts of the first and the middle column count for nothing.
    func coefficient(_ channel: Int, _ row: Int, _ column: Int) -> (re: Double, im: Double) {
      let fy = Double(row <= (height - 1) / 2 ? row : row - height) / Double(height)
      let fx = Double(column) / Double(width)
      let lowest = 4 / Double(max(width, height))
      let weight = sqrt(Double(width * height)) / pow(max(sqrt(fy * fy + fx * fx), lowest), 1.5)
      let base = channel * 2 * height * columns + row * columns + column
      return (
        weight * Double(spectrum[base]), weight * Double(spectrum[base + height * columns])
      )
    }
    var waves = [[Double]](repeating: [], count: 3)
    for channel in 0..<3 {
      for y in 0..<height {
        for x in 0..<width {
          var sum = 0.0
          for column in 0..<columns {
            // The complex transform along rows' index first.
            var (re, im) = (0.0, 0.0)
            for row in 0..<height {
              let (a, b) = coefficient(channel, row, column)
              let angle = 2 * Double.pi * Double(row * y) / Double(height)
              re += a * cos(angle) - b * sin(angle)
              im += a * sin(angle) + b * cos(angle)
            }
            let angle = 2 * Double.pi * Double(column * x) / Double(width)
            let isAlone = column == 0 || 2 * column == width
            sum += isAlone ? re * cos(angle) : 2 * (re * cos(angle) - im * sin(angle))
          }
          waves[channel].append(sum / sqrt(Double(width * height)))
        }
      }
    }
    let all = waves.flatMap { $0 }
    let mean = all.reduce(0, +) / Double(all.count)
    let variance = all.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(all.count - 1)
    let root = [[0.26 / 1.8, 0.09, 0.02], [0.27 / 1.8, 0, -0.05], [0.27 / 1.8, -0.09, 0.03]]
    let longest = (0..<3).map { c in sqrt(root.reduce(0) { $0 + $1[c] * $1[c] }) }.max()!
    let expected = (0..<height * width).flatMap { pixel in
      (0..<3).map { channel -> Float in
        let mixed = (0..<3).reduce(0) {
          $0 + root[channel][$1] / longest * waves[$1][pixel] * 1.1 / sqrt(variance)
        }
        return Float(1 / (1 + exp(-mixed)))
      }
    }
    #expect(largestError(found, expected) < 1e-5)
  }

  @Test func itsGradientIsTheSlope() throws {
    try checkGradient(
      OpCase("fft", [[3, 6, 3]]) { inputs in
        // The same expression on an input in the variable's place.
        FourierGenerator().picture(of: inputs[0], width: 4, height: 3)
      })
  }
}
