// Mean over windows: in [N,H,W,C], out [N,OH,OW,C], count elements; padding counts as zeros.
// One work-item an output element; neighbours read neighbouring channels, then columns.

#include "common/numeric.cl"
#include "common/pooling.cl"

__kernel void average_pool_direct(
    __global const float *restrict in, __global float *restrict out, int count, int height,
    int width, int channels, int out_height, int out_width, int y_step, int y_parts, int y_span,
    int x_step, int x_parts, int x_span, int padding EPILOGUE_PARAMETERS) {
  const int index = get_global_id(0);
  if (index >= count) return;
  const int c = index % channels;
  const int j = index / channels % out_width;
  const int i = index / channels / out_width % out_height;
  const int n = index / channels / out_width / out_height;
  const int top = window_start(i, y_step, y_parts, padding);
  const int bottom = window_end(i, y_step, y_parts, y_span, padding);
  const int left = window_start(j, x_step, x_parts, padding);
  const int right = window_end(j, x_step, x_parts, x_span, padding);
  __global const float *image = in + (size_t)n * height * width * channels + c;
  float sum = 0.0f;
  for (int y = max(top, 0); y < min(bottom, height); y++)
    for (int x = max(left, 0); x < min(right, width); x++)
      sum += image[(y * width + x) * channels];
  out[index] = EPILOGUE(sum / ((bottom - top) * (right - left)), index);
}
