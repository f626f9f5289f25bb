extension OpCase {
  /// Of the products and convolutions, as many as run every kernel and every way through one: for
  /// laws that ask how values are stored or passed on, and not which numbers belong together.
  package static let products: [OpCase] = {
    let labels: Set = [
      "matmul", "matmul of two transposed", "matmul over several tiles",
      "matmul of a few rows by whole panels", "matmul of many rows",
      "matmul of many rows by a transposed right", "matmul, batched",
      "linear, activated, with a residual", "conv2d 3×3",
      "conv2d of a dilated image over several tiles", "conv2d 1×1", "conv2d of patches",
      "conv2d over several tiles", "conv2d by whole panels", "conv2d to three outputs",
      "conv2d to four outputs, stride 2, cropped, activated, with a residual",
      "conv2d 3×3 of whole vectors", "conv2d 3×3 by many tiles",
      "conv2d 3×3 by panels of the weight",
      "conv2d of an upsampled image, whole vectors, with its gradients",
      "conv2d 4×4, stride 2, whole vectors",
      "conv2d of whole vectors, activated by groups, with a residual",
    ]
    let chosen = (matmul + convolution).filter { labels.contains($0.label) }
    precondition(chosen.count == labels.count, "a case of another name")
    return chosen
  }()
}
