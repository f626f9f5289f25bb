// Gradient of max pooling: in and out [N, HEIGHT, WIDTH, CHANNELS] of count elements, pooled (the
// largest values) and gradient [N, OUT_HEIGHT, OUT_WIDTH, CHANNELS].
// One work-item an input element: it takes the gradient of the windows in which it is the first
// largest in row order. Only an element equal to the largest looks for an earlier one.

#include "common/pooling.cl"

__kernel void max_pool_grad_input_gather(__global const float *restrict in,
                                         __global const float *restrict pooled,
                                         __global const float *restrict gradient,
                                         __global float *restrict out, int count) {
  const int index = get_global_id(0);
  if (index >= count) return;
  IMAGE_PLACE
  __global const float *image = in + (size_t)n * HEIGHT * WIDTH * CHANNELS + c;
  const size_t windows = (size_t)n * OUT_HEIGHT * OUT_WIDTH;
  const float value = in[index];
  float sum = 0.0f;
  for (int i = FIRST_ROW(y); i <= LAST_ROW(y); i++)
    for (int j = FIRST_COLUMN(x); j <= LAST_COLUMN(x); j++) {
      const size_t window = (windows + i * OUT_WIDTH + j) * CHANNELS + c;
      if (value != pooled[window]) continue;
      bool first = true;
      for (int v = max(TOP(i), 0); first && v <= y; v++)
        for (int u = max(LEFT(j), 0); first && u < (v < y ? min(RIGHT(j), WIDTH) : x); u++)
          first = image[(v * WIDTH + u) * CHANNELS] != value;
      if (first) sum += gradient[window];
    }
  out[index] = sum;
}
