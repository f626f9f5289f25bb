// Uniform numbers in [0, 1): out [count]. Counter (block of four elements, step[0], purpose, 0)
// under the key (key_low, key_high). One work-item four elements.

#include "common/philox.cl"

__kernel void random_uniform_philox(__global const float *restrict step,
                                    __global float *restrict out, int count, uint key_low,
                                    uint key_high, uint purpose) {
  const int block = get_global_id(0);
  if (block >= (count + 3) / 4) return;
  const uint4 words =
      philox((uint4)(block, (uint)step[0], purpose, 0), (uint2)(key_low, key_high));
  const float4 values = unit_interval(words);
  const int start = 4 * block;
  out[start] = values.x;
  if (start + 1 < count) out[start + 1] = values.y;
  if (start + 2 < count) out[start + 2] = values.z;
  if (start + 3 < count) out[start + 3] = values.w;
}
