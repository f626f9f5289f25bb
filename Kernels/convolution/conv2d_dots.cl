// Convolution to a few outputs on a CPU: y[n, p, q, k] = EPILOGUE(sum over r, s, c of x~ * w), where
// x~ is the padded image at row p * stride_h + r - padding_top and column
// q * stride_w + s - padding_left.
// Vectors lie along the channels, a multiple of 16, since the outputs would leave most of one empty.
// w: panels [r, s, c / 16, output, c % 16]. A work-item walks an equal share of the `rows` of y, PIXELS
// at a time, and fetches meanwhile what the next row of y reads of x and this one does not.

#include "common/convolution.cl"
#include "common/numeric.cl"
#include "common/vector.cl"

#ifndef OUTPUTS
#define OUTPUTS 3
#endif
#define PIXELS (24 / OUTPUTS)
#define SUMS (PIXELS * OUTPUTS)

// sums[i, k] += pixel i by tap k, of 16 channels.
#define ADD_DOTS(taps, pixel)                                                              \
  {                                                                                        \
    float16 values[OUTPUTS];                                                               \
    _Pragma("unroll") for (int k = 0; k < OUTPUTS; k++) values[k] = load16(taps + 16 * k); \
    _Pragma("unroll") for (int i = 0; i < PIXELS; i++) {                                   \
      const float16 value = pixel;                                                         \
      _Pragma("unroll") for (int k = 0; k < OUTPUTS; k++) sums[i * OUTPUTS + k] =          \
          fma(value, values[k], sums[i * OUTPUTS + k]);                                    \
    }                                                                                      \
  }

// sums += run of `length` channels from `row` on, `step` apart from pixel to pixel, by w. Fetches as
// much of `next`.
static __attribute__((always_inline)) void add_run(float16 sums[SUMS], __global const IN0 *row,
                                                   int step, __global const IN1 *w, int length,
                                                   __global const IN0 *next) {
  for (int c = 0; c < length; c += 16) {
    PREFETCH(next + c);
    ADD_DOTS(w, load16(row + c + (size_t)i * step));
    w += 16 * OUTPUTS;
  }
}

// The same for one place of the kernel at the edge of an image: pixel i is at row[offsets[i]], or zero
// where masks[i] is 0 rather than all ones.
static __attribute__((always_inline)) void add_masked(float16 sums[SUMS],
                                                      __global const IN0 *row,
                                                      const int offsets[PIXELS],
                                                      const int masks[PIXELS],
                                                      __global const IN1 *w, int channels) {
  for (int c = 0; c < channels; c += 16) {
    ADD_DOTS(w, as_float16(as_int16(load16(row + c + offsets[i])) & masks[i]));
    w += 16 * OUTPUTS;
  }
}

VECTOR_KERNEL
void conv2d_dots(__global const IN0 *restrict x, __global const IN1 *restrict w,
                 __global OUT *restrict y, int rows, CONVOLUTION_PARAMETERS EPILOGUE_PARAMETERS) {
  const size_t share = get_global_id(0), shares = get_global_size(0);
  const int last_row = rows * (share + 1) / shares;
  for (int image_row = rows * share / shares; image_row < last_row; image_row++) {
    const int top = image_row % out_height * stride_h - padding_top;
    __global const IN0 *image = x + (size_t)(image_row / out_height) * height * width * channels;
    __global const IN0 *next =
        image + (size_t)clamp(top + kernel_height, 0, height - 1) * width * channels;
    for (int q = 0; q < out_width; q += PIXELS) {
      float16 sums[SUMS];
#pragma unroll
      for (int i = 0; i < SUMS; i++) sums[i] = 0.0f;
      const int left = q * stride_w - padding_left;
      const int right = left + (PIXELS - 1) * stride_w + kernel_width - 1;
      const int is_inside = left >= 0 && right < width;
      for (int r = max(0, -top); r < min(kernel_height, height - top); r++) {
        __global const IN0 *row = image + (size_t)(top + r) * width * channels;
        __global const IN1 *taps = w + (size_t)r * kernel_width * channels * OUTPUTS;
        if (is_inside) {
          // A row of the kernel covers neighbouring pixels: one run of columns and channels.
          add_run(sums, row + left * channels, stride_w * channels, taps, kernel_width * channels,
                  next);
          next += kernel_width * channels;
          continue;
        }
        for (int s = 0; s < kernel_width; s++) {
          int offsets[PIXELS], masks[PIXELS];
          if (place_pixels(PIXELS, left + s, stride_w, width, channels, offsets, masks))
            add_masked(sums, row, offsets, masks, taps + (size_t)s * channels * OUTPUTS, channels);
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
}
