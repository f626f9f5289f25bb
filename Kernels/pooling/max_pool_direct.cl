// Largest value of windows: in [N,H,W,C], out [N,OH,OW,C], count elements; padding is skipped.
// One work-item an output element; neighbours read neighbouring channels, then columns.

#include "common/numeric.cl"
#include "common/pooling.cl"

__kernel void max_pool_direct(
    __global const float *restrict in, __global float *restrict out, int count, int height,
    int width, int channels, int out_height, int out_width, int y_step, int y_parts, int y_span,
    int x_step, int x_parts, int x_span, int padding EPILOGUE_PARAMETERS) {
  const int index = get_global_id(0);
  if (index >= count) return;
  const int c = index % channels;
  const int j = index / channels % out_width;
  const int i = index / channels / out_width % out_height;
  const int n = index / channels / out_width / out_height;
  const int top = max(window_start(i, y_step, y_parts, padding), 0);
  const int bottom = min(window_end(i, y_step, y_parts, y_span, padding), height);
  const int left = max(window_start(j, x_step, x_parts, padding), 0);
  const int right = min(window_end(j, x_step, x_parts, x_span, padding), width);
  __global const float *image = in + (size_t)n * height * width * channels + c;
  float largest = -INFINITY;
  for (int y = top; y < bottom; y++)
    for (int x = left; x < right; x++)
      largest = fmax(largest, image[(y * width + x) * channels]);
  out[index] = EPILOGUE(largest, index);
}
