// Normal numbers of mean 0 and deviation 1 by Box-Muller: out [count]; the numbers of
// random_normal_philox.cl, but for rounding.
// For CPUs: a work-item takes 64 elements, its vectors one word each of 16 blocks.

#include "common/philox.cl"
#include "common/real.cl"

VECTOR_KERNEL
void random_normal_vectors(__global const float *restrict step, __global float *restrict out,
                           int count, uint key_low, uint key_high, uint purpose) {
  const int start = get_global_id(0) * 64;
  uint16 words[4] = {start / 4 + (uint16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
                     (uint)step[0], purpose, 0};
  philox16(words, (uint2)(key_low, key_high));
  float values[64];
  for (int pair = 0; pair < 4; pair += 2) {
    // 1 - u lies in (0, 1] and is exact, so the logarithm is finite.
    const float16 radius = sqrt(-2.0f * log(1.0f - unit_interval16(words[pair])));
    const float16 turn = 2.0f * unit_interval16(words[pair + 1]);
    store16(radius * cospi(turn), values + 16 * pair);
    store16(radius * sinpi(turn), values + 16 * pair + 16);
  }
  const int own = min(64, count - start);
  for (int i = 0; i < own; i++) out[start + i] = values[i % 4 * 16 + i / 4];
}
