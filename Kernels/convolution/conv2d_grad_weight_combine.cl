// Adds partial gradients of a convolution's weight, [chunks, R*S * pitch, line], in their order:
// out[r, s, c, k] = sum over i of in[i, row of (r, s, c), k], for `rows` = R*S * channels.
// Of each place the channels are the first of `pitch` rows. In a row of the kernel, places DILATION_W
// apart follow each other in `in`: 0, DILATION_W, ..., 1, DILATION_W + 1, ...
// One work-item RUN elements of a row of out; `line` is a multiple of RUN.

#include "common/real.cl"

#ifndef DILATION_W
#define DILATION_W 1
#endif
#ifndef RUN
#define RUN 1  // 1, or 16 for CPUs
#endif

__kernel void conv2d_grad_weight_combine(__global const float *restrict in,
                                         __global float *restrict out, int rows, int kernel_width,
                                         int channels, int outputs, int pitch, int line,
                                         int chunks) {
  const int runs = (outputs + RUN - 1) / RUN;
  const int row = get_global_id(0) / runs, k = get_global_id(0) % runs * RUN;
  if (row >= rows) return;
  const int place = row / channels, s = place % kernel_width, phase = s % DILATION_W;
  const int before =
      phase * (kernel_width / DILATION_W) + min(phase, kernel_width % DILATION_W) + s / DILATION_W;
  in += ((size_t)(place - s + before) * pitch + row % channels) * line + k;
  out += (size_t)row * outputs + k;
  const size_t chunk = (size_t)rows / channels * pitch * line;
#if RUN == 1
  float sum = 0.0f;
  for (int i = 0; i < chunks; i++) sum += in[i * chunk];
  *out = sum;
#else
  float16 sum = 0.0f;
  for (int i = 0; i < chunks; i++) sum += load16(in + i * chunk);
  if (k + RUN <= outputs) {
    store16(sum, out);
  } else {
    float values[RUN];
    store16(sum, values);
    for (int i = 0; k + i < outputs; i++) out[i] = values[i];
  }
#endif
}
