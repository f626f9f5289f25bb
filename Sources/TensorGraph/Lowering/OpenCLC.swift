// The spelling of values and of views in OpenCL C.

/// A `float` literal of OpenCL C with exactly this value.
package func openCLLiteral(_ value: Float) -> String {
  if value.isNaN { return "NAN" }
  if value.isInfinite { return value < 0 ? "(-INFINITY)" : "INFINITY" }
  let text = "\(value)"
  let number = text.contains(".") || text.contains("e") ? text : text + ".0"
  return value.sign == .minus ? "(\(number)f)" : "\(number)f"
}

extension StridedView {
  /// OpenCL C for the index of element `index`, itself a `uint` expression without side effects.
  /// Strides may be negative: arithmetic wraps around.
  package func expression(_ index: String) -> String {
    if isIdentity { return index }
    var terms = offset == 0 ? [] : ["\(offset)"]
    let rowMajor = extents.rowMajorStrides
    for axis in extents.indices where strides[axis] != 0 {
      var term = index
      if rowMajor[axis] != 1 { term += " / \(rowMajor[axis])" }
      if axis != 0 { term = "(\(term)) % \(extents[axis])" }
      if strides[axis] != 1 { term = "(\(term)) * \(strides[axis])" }
      terms.append(term)
    }
    return terms.isEmpty ? "0" : terms.joined(separator: " + ")
  }
}
