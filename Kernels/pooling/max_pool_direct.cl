// Largest value of windows: in [N, HEIGHT, WIDTH, CHANNELS], out [N, OUT_HEIGHT, OUT_WIDTH, CHANNELS],
// count elements; padding is skipped.
// One work-item an output element; neighbours read neighbouring channels, then columns.

#include "common/numeric.cl"
#include "common/pooling.cl"

__kernel void max_pool_direct(__global const float *restrict in, __global float *restrict out,
                              int count EPILOGUE_PARAMETERS) {
  const int index = get_global_id(0);
  if (index >= count) return;
  WINDOW_PLACE
  __global const float *image = in + (size_t)n * HEIGHT * WIDTH * CHANNELS + c;
  float largest = -INFINITY;
  for (int y = max(TOP(i), 0); y < min(BOTTOM(i), HEIGHT); y++)
    for (int x = max(LEFT(j), 0); x < min(RIGHT(j), WIDTH); x++)
      largest = fmax(largest, image[(y * WIDTH + x) * CHANNELS]);
  out[index] = EPILOGUE(largest, index);
}
