// Depthwise convolution: y[n, p, q, c] = EPILOGUE(sum over r, s of x~ * w[r, s, c]), where x~ is the
// dilated, padded image, channel c, at row p * stride_h + r - padding_top and column
// q * stride_w + s - padding_left.
// One work-item an element of y, of `count`; neighbours read neighbouring channels, then columns.

#include "common/depthwise.cl"
#include "common/numeric.cl"

__kernel void depthwise_conv2d_direct(__global const IN0 *restrict x, __global const IN1 *restrict w,
                                      __global OUT *restrict y, int count,
                                      CONVOLUTION_PARAMETERS EPILOGUE_PARAMETERS) {
  const int index = get_global_id(0);
  if (index >= count) return;
  const int c = index % channels, q = index / channels % out_width;
  const int row = index / channels / out_width;
  const int top = row % out_height * stride_h - padding_top;
  const int left = q * stride_w - padding_left;
  __global const IN0 *image = x + (size_t)(row / out_height) * height * width * channels + c;
  float sum = 0.0f;
#pragma unroll
  for (int r = 0; r < KERNEL_H; r++) {
    const int h = source_index(top + r, DILATION_H, height);
    if (h < 0) continue;
#pragma unroll
    for (int s = 0; s < KERNEL_W; s++) {
      const int column = source_index(left + s, DILATION_W, width);
      if (column < 0) continue;
      sum = fma(load(image + ((size_t)h * width + column) * channels),
                load(w + (r * KERNEL_W + s) * channels + c), sum);
    }
  }
  store(EPILOGUE(sum, index), y + index);
}
