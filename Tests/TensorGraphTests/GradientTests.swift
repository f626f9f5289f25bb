import TensorGraph
import TestSupport
import Testing

/// The gradient of every op against central differences in Double.
@Suite struct GradientTests {
  @Test(arguments: OpCase.pointwise) func pointwise(_ test: OpCase) throws {
    try checkGradient(test)
  }

  @Test(arguments: OpCase.reduction) func reduction(_ test: OpCase) throws {
    try checkGradient(test)
  }

  @Test(arguments: OpCase.movement) func movement(_ test: OpCase) throws {
    try checkGradient(test)
  }

  @Test(arguments: OpCase.matmul) func matmul(_ test: OpCase) throws {
    try checkGradient(test)
  }

  @Test(arguments: OpCase.convolution + OpCase.depthwiseConvolution)
  func convolution(_ test: OpCase) throws {
    try checkGradient(test)
  }

  @Test(arguments: OpCase.pooling) func pooling(_ test: OpCase) throws {
    try checkGradient(test)
  }

  @Test(arguments: OpCase.sampling) func sampling(_ test: OpCase) throws {
    try checkGradient(test)
  }

  @Test(arguments: OpCase.random) func random(_ test: OpCase) throws {
    try checkGradient(test)
  }

  @Test(arguments: OpCase.optimizer) func optimizer(_ test: OpCase) throws {
    try checkGradient(test)
  }

  @Test(arguments: OpCase.normalization) func normalization(_ test: OpCase) throws {
    try checkGradient(test)
  }

  @Test(arguments: OpCase.attention) func attention(_ test: OpCase) throws {
    try checkGradient(test)
  }

  @Test(arguments: OpCase.quantization) func quantization(_ test: OpCase) throws {
    try checkGradient(test)
  }
}
