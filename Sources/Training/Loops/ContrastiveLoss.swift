import TensorGraph

extension Tensor {
  /// log Σ eˣ over the last axis, [...,1], whatever the size of x.
  package func logSumExp() -> Tensor {
    let last = [shape.count - 1]
    // Any constant would do: the gradient of this one cancels.
    let largest = max(axes: last).detached()
    return (self - largest).exponential().sum(axes: last).logarithm() + largest
  }

  /// Vectors of unit length along the last axis.
  package func normalized() -> Tensor {
    self / (self * self).sum(axes: [shape.count - 1]).squareRoot()
  }
}

/// CLIP's symmetric loss: each picture is to tell its text from the batch's others, each text its
/// picture.
///
/// Radford et al., "Learning Transferable Visual Models From Natural Language Supervision" (ICML
/// 2021), figure 3; `ClipLoss` of open_clip.
package enum ContrastiveLoss {
  /// - Parameters:
  ///   - images: [B,D], of unit length.
  ///   - texts: [B,D], of unit length; row i belongs to picture i.
  ///   - scale: of the cosines, one element.
  /// - Returns: ½ (cross entropy of rows + of columns) of scale · images · textsᵀ; a scalar.
  package static func value(images: Tensor, texts: Tensor, scale: Tensor) -> Tensor {
    images.graph.scope("contrastive loss") {
      let scale = scale.reshaped([1, 1])
      let logits = images.matmul(texts, transposeB: true) * scale
      let transposed = texts.matmul(images, transposeB: true) * scale
      let matches = (images * texts).sum(axes: [1]) * scale  // [B,1]
      return 0.5 * (logits.logSumExp() + transposed.logSumExp()).mean() - matches.mean()
    }
  }
}
