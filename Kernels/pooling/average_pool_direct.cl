// Mean over windows: in [N, HEIGHT, WIDTH, CHANNELS], out [N, OUT_HEIGHT, OUT_WIDTH, CHANNELS], count
// elements; padding counts as zeros.
// One work-item an output element; neighbours read neighbouring channels, then columns.

#include "common/numeric.cl"
#include "common/pooling.cl"

__kernel void average_pool_direct(__global const float *restrict in, __global float *restrict out,
                                  int count EPILOGUE_PARAMETERS) {
  const int index = get_global_id(0);
  if (index >= count) return;
  WINDOW_PLACE
  const int top = TOP(i), bottom = BOTTOM(i), left = LEFT(j), right = RIGHT(j);
  __global const float *image = in + (size_t)n * HEIGHT * WIDTH * CHANNELS + c;
  float sum = 0.0f;
  for (int y = max(top, 0); y < min(bottom, HEIGHT); y++)
    for (int x = max(left, 0); x < min(right, WIDTH); x++)
      sum += image[(y * WIDTH + x) * CHANNELS];
  out[index] = EPILOGUE(sum / ((bottom - top) * (right - left)), index);
}
