// Normal numbers of mean 0 and deviation 1 by Box-Muller: out [count]. Counter (block of four
// elements, step[0], purpose, 0) under the key (key_low, key_high). One work-item four elements.

#include "common/philox.cl"

__kernel void random_normal_philox(__global const float *restrict step,
                                   __global float *restrict out, int count, uint key_low,
                                   uint key_high, uint purpose) {
  const int block = get_global_id(0);
  if (block >= (count + 3) / 4) return;
  const uint4 words =
      philox((uint4)(block, (uint)step[0], purpose, 0), (uint2)(key_low, key_high));
  const float4 uniform = unit_interval(words);
  // 1 - u lies in (0, 1] and is exact, so the logarithm is finite.
  const float2 radius = sqrt(-2.0f * log(1.0f - uniform.xz));
  const float2 turn = 2.0f * uniform.yw;
  const float2 even = radius * cospi(turn), odd = radius * sinpi(turn);
  const int start = 4 * block;
  out[start] = even.x;
  if (start + 1 < count) out[start + 1] = odd.x;
  if (start + 2 < count) out[start + 2] = even.y;
  if (start + 3 < count) out[start + 3] = odd.y;
}
