// Depthwise convolution on a CPU: y[n, p, q, c] = EPILOGUE(sum over r, s of x~ * w[r, s, c]), where
// x~ is the dilated, padded image, channel c, at row p * stride_h + r - padding_top and column
// q * stride_w + s - padding_left.
// Vectors are along the channels, a multiple of 16 * VECTORS. A work-item computes an equal share of the
// `rows` of y, PIXELS columns at a time: those whose windows cover pixels at the same distances,
// q_step columns apart.

#include "common/depthwise.cl"
#include "common/numeric.cl"

#ifndef VECTORS
#define VECTORS 1  // of channels at a time; PIXELS * VECTORS sums overlap the latency of additions
#endif
#define PIXELS 4

// COUNT pixels of y, q_step columns apart, of the windows whose first row is `top`. Pixel i at tap s
// is at column columns[s] + i * column_step of the image; -1 in columns[s]: a zero for all.
#define CONVOLVE(COUNT)                                                                          \
  for (int c = 0; c < channels; c += 16 * VECTORS) {                                             \
    float16 sums[COUNT][VECTORS];                                                                \
    _Pragma("unroll") for (int i = 0; i < COUNT; i++)                                            \
    _Pragma("unroll") for (int v = 0; v < VECTORS; v++) sums[i][v] = 0.0f;                       \
    for (int r = 0; r < KERNEL_H; r++) {                                                         \
      const int h = source_index(top + r, DILATION_H, height);                                   \
      if (h < 0) continue;                                                                       \
      __global const IN0 *source = image + (size_t)h * width * channels + c;                     \
      __global const IN1 *taps = w + r * KERNEL_W * channels + c;                                \
      _Pragma("unroll") for (int s = 0; s < KERNEL_W; s++) {                                     \
        if (columns[s] < 0) continue;                                                            \
        _Pragma("unroll") for (int v = 0; v < VECTORS; v++) {                                    \
          const float16 tap = load16(taps + s * channels + 16 * v);                              \
          _Pragma("unroll") for (int i = 0; i < COUNT; i++) sums[i][v] =                         \
              fma(load16(source + (columns[s] + i * column_step) * channels + 16 * v), tap,      \
                  sums[i][v]);                                                                   \
        }                                                                                        \
      }                                                                                          \
    }                                                                                            \
    _Pragma("unroll") for (int i = 0; i < COUNT; i++)                                            \
    _Pragma("unroll") for (int v = 0; v < VECTORS; v++) {                                        \
      const size_t index = (first_pixel + i * q_step) * channels + c + 16 * v;                   \
      store16(EPILOGUE16(sums[i][v], index), y + index);                                         \
    }                                                                                            \
  }

VECTOR_KERNEL
void depthwise_conv2d_rows(__global const IN0 *restrict x, __global const IN1 *restrict w,
                           __global OUT *restrict y, int rows,
                           CONVOLUTION_PARAMETERS EPILOGUE_PARAMETERS) {
  const size_t share = get_global_id(0), shares = get_global_size(0);
  // Columns of y from which on windows cover pixels at the same distances: so many strides are
  // whole dilations.
  int q_step = 1;
  while (q_step * stride_w % DILATION_W != 0) q_step++;
  const int column_step = q_step * stride_w / DILATION_W;
  const int last_row = rows * (share + 1) / shares;
  for (int row = rows * share / shares; row < last_row; row++) {
    const int top = row % out_height * stride_h - padding_top;
    __global const IN0 *image = x + (size_t)(row / out_height) * height * width * channels;
    for (int phase = 0; phase < q_step; phase++) {
      int q = phase;
      while (q < out_width) {
        int columns[KERNEL_W];
        int all = q + (PIXELS - 1) * q_step < out_width;
        for (int s = 0; s < KERNEL_W; s++) {
          const int position = q * stride_w - padding_left + s;
          columns[s] = source_index(position, DILATION_W, width);
          const int is_tap = (position % DILATION_W) == 0;
          if (is_tap && (columns[s] < 0 || columns[s] + (PIXELS - 1) * column_step >= width))
            all = 0;
        }
        const size_t first_pixel = (size_t)row * out_width + q;
        if (all) {
          CONVOLVE(PIXELS)
          q += PIXELS * q_step;
        } else {
          CONVOLVE(1)
          q += q_step;
        }
      }
    }
  }
}
