/// Work-items in one to three dimensions.
package struct WorkSize: Hashable, Sendable {
  package let x: Int
  package let y: Int
  package let z: Int
  /// How many dimensions were named, 1 to 3.
  package let dimensions: Int

  package init(_ x: Int) { self.init(x, 1, 1, dimensions: 1) }
  package init(_ x: Int, _ y: Int) { self.init(x, y, 1, dimensions: 2) }
  package init(_ x: Int, _ y: Int, _ z: Int) { self.init(x, y, z, dimensions: 3) }

  private init(_ x: Int, _ y: Int, _ z: Int, dimensions: Int) {
    (self.x, self.y, self.z) = (x, y, z)
    self.dimensions = dimensions
  }

  /// Work-items in all.
  package var count: Int { x * y * z }

  func withSizes<R>(_ body: (UnsafePointer<Int>) -> R) -> R {
    withUnsafeTemporaryAllocation(of: Int.self, capacity: 3) { sizes in
      sizes[0] = x
      sizes[1] = y
      sizes[2] = z
      return body(UnsafePointer(sizes.baseAddress!))
    }
  }
}

extension WorkSize: CustomStringConvertible {
  package var description: String {
    "[" + [x, y, z].prefix(dimensions).map(String.init).joined(separator: ",") + "]"
  }
}
