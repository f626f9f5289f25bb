// Gradient of max pooling: in and out [N,H,W,C] of count elements, pooled (the largest values) and
// gradient [N,OH,OW,C].
// One work-item an input element: it takes the gradient of the windows in which it is the first
// largest in row order. Only an element equal to the largest looks for an earlier one.

#include "common/pooling.cl"

__kernel void max_pool_grad_input_gather(
    __global const float *restrict in, __global const float *restrict pooled,
    __global const float *restrict gradient, __global float *restrict out, int count, int height,
    int width, int channels, int out_height, int out_width, int y_step, int y_parts, int y_span,
    int x_step, int x_parts, int x_span, int padding) {
  const int index = get_global_id(0);
  if (index >= count) return;
  const int c = index % channels;
  const int x = index / channels % width;
  const int y = index / channels / width % height;
  const int n = index / channels / width / height;
  const int last_row = last_window(y, y_step, y_parts, padding, out_height);
  const int last_column = last_window(x, x_step, x_parts, padding, out_width);
  __global const float *image = in + (size_t)n * height * width * channels + c;
  const size_t windows = (size_t)n * out_height * out_width;
  const float value = in[index];
  float sum = 0.0f;
  for (int i = first_window(y, y_step, y_parts, y_span, padding); i <= last_row; i++) {
    for (int j = first_window(x, x_step, x_parts, x_span, padding); j <= last_column; j++) {
      const size_t window = (windows + i * out_width + j) * channels + c;
      if (value != pooled[window]) continue;
      const int left = max(window_start(j, x_step, x_parts, padding), 0);
      const int right = min(window_end(j, x_step, x_parts, x_span, padding), width);
      bool first = true;
      for (int v = max(window_start(i, y_step, y_parts, padding), 0); first && v <= y; v++)
        for (int u = left; first && u < (v < y ? right : x); u++)
          first = image[(v * width + u) * channels] != value;
      if (first) sum += gradient[window];
    }
  }
  out[index] = sum;
}
