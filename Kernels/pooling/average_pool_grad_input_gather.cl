// Gradient of average pooling: gradient [N,OH,OW,C], out [N,H,W,C], count elements.
// One work-item an input element: it adds its share of every window that contains it.

#include "common/pooling.cl"

__kernel void average_pool_grad_input_gather(
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
  __global const float *pooled = gradient + (size_t)n * out_height * out_width * channels + c;
  float sum = 0.0f;
  for (int i = first_window(y, y_step, y_parts, y_span, padding); i <= last_row; i++) {
    const int rows = window_end(i, y_step, y_parts, y_span, padding)
                     - window_start(i, y_step, y_parts, padding);
    for (int j = first_window(x, x_step, x_parts, x_span, padding); j <= last_column; j++) {
      const int columns = window_end(j, x_step, x_parts, x_span, padding)
                          - window_start(j, x_step, x_parts, padding);
      sum += pooled[(i * out_width + j) * channels] / (rows * columns);
    }
  }
  out[index] = sum;
}
