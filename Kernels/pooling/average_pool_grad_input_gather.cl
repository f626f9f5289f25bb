// Gradient of average pooling: gradient [N, OUT_HEIGHT, OUT_WIDTH, CHANNELS], out [N, HEIGHT, WIDTH,
// CHANNELS], count elements.
// One work-item an input element: it adds its share of every window that contains it.

#include "common/pooling.cl"

__kernel void average_pool_grad_input_gather(__global const float *restrict gradient,
                                             __global float *restrict out, int count) {
  const int index = get_global_id(0);
  if (index >= count) return;
  IMAGE_PLACE
  __global const float *pooled = gradient + (size_t)n * OUT_HEIGHT * OUT_WIDTH * CHANNELS + c;
  float sum = 0.0f;
  for (int i = FIRST_ROW(y); i <= LAST_ROW(y); i++)
    for (int j = FIRST_COLUMN(x); j <= LAST_COLUMN(x); j++)
      sum += pooled[(i * OUT_WIDTH + j) * CHANNELS]
             / ((BOTTOM(i) - TOP(i)) * (RIGHT(j) - LEFT(j)));
  out[index] = sum;
}
