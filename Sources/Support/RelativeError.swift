/// max |a − b| / max |b|, infinite where a value is not a finite number.
package func maxRelativeError(_ values: [Float], to reference: [Float]) -> Double {
  var (difference, largest) = (0.0, Double(Float.leastNormalMagnitude))
  for (value, expected) in zip(values, reference) {
    guard value.isFinite else { return .infinity }
    difference = max(difference, abs(Double(value) - Double(expected)))
    largest = max(largest, abs(Double(expected)))
  }
  return difference / largest
}
