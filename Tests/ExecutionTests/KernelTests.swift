import TestSupport
import Testing

/// The law of kernels: one line a family; see ``checkKernels``. A bench runs one kernel at a time.
@Suite(.serialized) struct KernelTests {
  @Test(arguments: OpCase.pointwise) func pointwise(_ test: OpCase) throws {
    try checkKernels(test)
  }

  @Test(arguments: OpCase.reduction) func reduction(_ test: OpCase) throws {
    try checkKernels(test)
  }

  @Test(arguments: OpCase.movement) func movement(_ test: OpCase) throws {
    try checkKernels(test)
  }

  @Test(arguments: OpCase.matmul) func matmul(_ test: OpCase) throws {
    try checkKernels(test)
  }

  @Test(arguments: OpCase.convolution + OpCase.convolutionGradWeight)
  func convolution(_ test: OpCase) throws {
    try checkKernels(test)
  }

  @Test(arguments: OpCase.depthwiseConvolution) func depthwise(_ test: OpCase) throws {
    try checkKernels(test)
    try checkKernels(test, .half)
  }

  @Test(arguments: OpCase.largeConvolution + OpCase.largeAttention)
  func large(_ test: OpCase) throws {
    try checkKernels(test)
  }

  @Test(arguments: OpCase.pooling) func pooling(_ test: OpCase) throws {
    try checkKernels(test)
  }

  @Test(arguments: OpCase.sampling) func sampling(_ test: OpCase) throws {
    try checkKernels(test)
  }

  @Test(arguments: OpCase.random) func random(_ test: OpCase) throws {
    try checkKernels(test)
  }

  @Test(arguments: OpCase.peak) func peak(_ test: OpCase) throws {
    try checkKernels(test)
  }

  @Test(arguments: OpCase.optimizer) func optimizer(_ test: OpCase) throws {
    try checkKernels(test)
  }

  @Test(arguments: OpCase.normalization) func normalization(_ test: OpCase) throws {
    try checkKernels(test)
  }

  @Test(arguments: OpCase.attention + OpCase.attentionInBlocks + OpCase.cachedAttention)
  func attention(_ test: OpCase) throws {
    try checkKernels(test)
  }

  @Test(arguments: OpCase.quantization + OpCase.largeQuantization)
  func quantization(_ test: OpCase) throws {
    try checkKernels(test)
  }

  /// The same law with everything that a tuner may choose, for a case of each tunable family. Devices
  /// share the choices: a tuner checks on its own device each that it takes.
  @Test(
    arguments: OpCase.largeMatmul
      + (OpCase.matmul + OpCase.convolution + OpCase.convolutionGradWeight
      + OpCase.attentionInBlocks).filter {
        [
          "matmul over several tiles", "matmul of many rows by a transposed right",
          "conv2d 3×3 by many tiles", "conv2d_grad_weight 2×3, cropped, whole panels",
          "attention, blocks",
        ].contains($0.label)
      })
  func candidates(_ test: OpCase) throws {
    try checkKernels(test, tuned: true)
  }

  /// Kernels that a GPU may be given in several launches compute the same in any number of them.
  @Test(
    arguments: (OpCase.matmul + OpCase.convolution + OpCase.convolutionGradWeight
      + OpCase.attentionInBlocks + OpCase.quantization)
      .filter {
        [
          "matmul over several tiles", "conv2d over several tiles",
          "conv2d_grad_weight 4×4, stride 2, two panels",
          "conv2d of a dilated image over several tiles", "attention, blocks", "nearest codes, tiles",
        ].contains($0.label)
      })
  func parts(_ test: OpCase) throws {
    try checkParts(test)
  }

  /// The same law with tensors stored as halves, for every family that can.
  @Test(
    arguments: OpCase.products + OpCase.attention + OpCase.normalization + OpCase.reduction
      + OpCase.movement)
  func halves(_ test: OpCase) throws {
    try checkKernels(test, .half)
  }
}
