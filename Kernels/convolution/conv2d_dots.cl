// Convolution to a few outputs on a CPU: y[n, p, q, k] = EPILOGUE(sum over r, s, c of x~ * w), where
// x~ is the padded image at row p * stride_h + r - padding_top and column
// q * stride_w + s - padding_left.
// Vectors lie along the channels, a multiple of 16, since the outputs would leave most of one empty.
// w: panels [r, s, c / 16, output, c % 16]. A work-item computes a row of y, PIXELS at a time.

#include "common/convolution.cl"
#include "common/numeric.cl"
#include "common/vector.cl"

#ifndef OUTPUTS
#define OUTPUTS 3
#endif
#define PIXELS (24 / OUTPUTS)
#define SUMS (PIXELS * OUTPUTS)

// sums[i, k] += run of `length` channels from `row` on, `step` apart from pixel to pixel, by w.
static __attribute__((always_inline)) void add_dots(float16 sums[SUMS], __global const IN0 *row,
                                                    int step, __global const IN1 *w, int length) {
  for (int c = 0; c < length; c += 16) {
    float16 taps[OUTPUTS];
#pragma unroll
    for (int k = 0; k < OUTPUTS; k++) taps[k] = load16(w + 16 * k);
#pragma unroll
    for (int i = 0; i < PIXELS; i++) {
      const float16 pixel = load16(row + (size_t)i * step);
#pragma unroll
      for (int k = 0; k < OUTPUTS; k++)
        sums[i * OUTPUTS + k] = fma(pixel, taps[k], sums[i * OUTPUTS + k]);
    }
    row += 16;
    w += 16 * OUTPUTS;
  }
}

VECTOR_KERNEL
void conv2d_dots(__global const IN0 *restrict x, __global const IN1 *restrict w,
                 __global OUT *restrict y, CONVOLUTION_PARAMETERS EPILOGUE_PARAMETERS) {
  const int image_row = get_global_id(0);
  const int top = image_row % out_height * stride_h - padding_top;
  x += (size_t)(image_row / out_height) * height * width * channels;
  for (int q = 0; q < out_width; q += PIXELS) {
    float16 sums[SUMS];
#pragma unroll
    for (int i = 0; i < SUMS; i++) sums[i] = 0.0f;
    const int left = q * stride_w - padding_left;
    for (int r = max(0, -top); r < min(kernel_height, height - top); r++) {
      __global const IN0 *row = x + (size_t)(top + r) * width * channels;
      __global const IN1 *taps = w + (size_t)r * kernel_width * channels * OUTPUTS;
      if (left >= 0 && left + (PIXELS - 1) * stride_w + kernel_width <= width) {
        // A row of the kernel covers neighbouring pixels: one run of columns and channels.
        add_dots(sums, row + left * channels, stride_w * channels, taps, kernel_width * channels);
        continue;
      }
#pragma unroll
      for (int i = 0; i < PIXELS; i++) {
        const int from = max(0, -(left + i * stride_w));
        const int to = min(kernel_width, width - (left + i * stride_w));
        for (int c = from * channels; c < to * channels; c += 16)
#pragma unroll
          for (int k = 0; k < OUTPUTS; k++)
            sums[i * OUTPUTS + k] += load16(row + (left + i * stride_w) * channels + c)
                                     * load16(taps + (size_t)c * OUTPUTS + 16 * k);
      }
    }
    const int count = min(PIXELS, out_width - q) * OUTPUTS;
    const size_t start = ((size_t)image_row * out_width + q) * OUTPUTS;
    float values[SUMS];
#pragma unroll
    for (int i = 0; i < SUMS; i += 4)
      vstore4(sum16x4(sums[i], sums[i + 1], sums[i + 2], sums[i + 3]), 0, values + i);
    for (int i = 0; i < count; i++) store(EPILOGUE(values[i], start + i), y + start + i);
  }
}
