import CHostKernels

/// Inner loops of normalisations on the host: in C for fp32.
public protocol ColumnSums {
  /// For each of `width` columns of `count` rows, `stride` elements apart: Σ (x − x₀) and
  /// Σ (x − x₀)² over all rows but the first, whose values are the x₀.
  static func sumDifferences(
    _ rows: UnsafePointer<Self>, stride: Int, count: Int, width: Int,
    sums: UnsafeMutablePointer<Self>, squares: UnsafeMutablePointer<Self>)

  /// For each of `width` columns of `count` rows: Σ g and Σ g·(x − mean).
  static func sumProducts(
    _ gradients: UnsafePointer<Self>, _ values: UnsafePointer<Self>, means: UnsafePointer<Self>,
    stride: Int, count: Int, width: Int, sums: UnsafeMutablePointer<Self>,
    products: UnsafeMutablePointer<Self>)
}

extension Double: ColumnSums {
  public static func sumDifferences(
    _ rows: UnsafePointer<Double>, stride: Int, count: Int, width: Int,
    sums: UnsafeMutablePointer<Double>, squares: UnsafeMutablePointer<Double>
  ) {
    sums.update(repeating: 0, count: width)
    squares.update(repeating: 0, count: width)
    for row in 1..<max(count, 1) {
      for c in 0..<width {
        let difference = rows[row * stride + c] - rows[c]
        sums[c] += difference
        squares[c] += difference * difference
      }
    }
  }

  public static func sumProducts(
    _ gradients: UnsafePointer<Double>, _ values: UnsafePointer<Double>,
    means: UnsafePointer<Double>, stride: Int, count: Int, width: Int,
    sums: UnsafeMutablePointer<Double>, products: UnsafeMutablePointer<Double>
  ) {
    sums.update(repeating: 0, count: width)
    products.update(repeating: 0, count: width)
    for row in 0..<count {
      for c in 0..<width {
        let gradient = gradients[row * stride + c]
        sums[c] += gradient
        products[c] += gradient * (values[row * stride + c] - means[c])
      }
    }
  }
}

extension Float: ColumnSums {
  public static func sumDifferences(
    _ rows: UnsafePointer<Float>, stride: Int, count: Int, width: Int,
    sums: UnsafeMutablePointer<Float>, squares: UnsafeMutablePointer<Float>
  ) {
    tessera_sum_differences(rows, Int64(stride), Int64(count), Int64(width), sums, squares)
  }

  public static func sumProducts(
    _ gradients: UnsafePointer<Float>, _ values: UnsafePointer<Float>, means: UnsafePointer<Float>,
    stride: Int, count: Int, width: Int, sums: UnsafeMutablePointer<Float>,
    products: UnsafeMutablePointer<Float>
  ) {
    tessera_sum_products(
      gradients, values, means, Int64(stride), Int64(count), Int64(width), sums, products)
  }
}
