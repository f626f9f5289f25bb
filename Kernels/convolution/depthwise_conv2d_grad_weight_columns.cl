// Partial gradients of a depthwise convolution with respect to its weight, over chunks of `chunk` of
// the `rows` of g: out[k, r, s, c] = sum over q and the rows of chunk k of x~ * g[row, q, c], where x~
// is the dilated, padded image, channel c, at row p * stride_h + r - padding_top and column
// q * stride_w + s - padding_left. depthwise_conv2d_grad_weight_combine.cl adds the chunks.
// One work-item KERNEL_W places of the kernel x WIDTH channels of a chunk; WIDTH divides `channels`.

#include "common/depthwise.cl"

__kernel void depthwise_conv2d_grad_weight_columns(__global const IN0 *restrict x,
                                                   __global const IN1 *restrict g,
                                                   __global float *restrict out, int rows,
                                                   int chunk, CONVOLUTION_PARAMETERS) {
  const int strips = channels / WIDTH;
  const int chunks = (rows + chunk - 1) / chunk;
  const int i = get_global_id(0);
  if (i >= chunks * KERNEL_H * strips) return;
  const int c = i % strips * WIDTH, r = i / strips % KERNEL_H;
  const int first = i / strips / KERNEL_H * chunk;

  vec sums[KERNEL_W];
#pragma unroll
  for (int s = 0; s < KERNEL_W; s++) sums[s] = 0.0f;
  for (int row = first; row < min(first + chunk, rows); row++) {
    const int h = source_index(row % out_height * stride_h + r - padding_top, DILATION_H, height);
    if (h < 0) continue;
    __global const IN0 *pixels =
        x + ((size_t)(row / out_height) * height + h) * width * channels + c;
    __global const IN1 *gradients = g + (size_t)row * out_width * channels + c;
    for (int q = 0; q < out_width; q++) {
      const vec gradient = load_vector(gradients + (size_t)q * channels);
#pragma unroll
      for (int s = 0; s < KERNEL_W; s++) {
        const int column = source_index(q * stride_w + s - padding_left, DILATION_W, width);
        if (column >= 0) sums[s] += load_vector(pixels + (size_t)column * channels) * gradient;
      }
    }
  }
  __global float *target = out + (size_t)(i / strips) * KERNEL_W * channels + c;
#pragma unroll
  for (int s = 0; s < KERNEL_W; s++) store_vec(sums[s], target + s * channels);
}
