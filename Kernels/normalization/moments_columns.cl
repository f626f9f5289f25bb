// Statistics of every channel over chunks of positions: in [N, S, G*D], out [2, N, chunks, G*D]
// holds the means, then the sums of squared differences to them. moments_combine.cl merges them.
// One work-item STRIPS vectors of neighbouring channels of a chunk; their width divides G*D.
//
// Differences are taken to the chunk's first position: the variance then loses no more than the
// length of the chunk times the rounding of one sum, wherever the mean lies.

#include "common/vector.cl"

__kernel void moments_columns(__global const IN0 *restrict in, __global float *restrict out,
                              int samples, int positions, int groups, int depth, int chunk) {
  const int channels = groups * depth;
  const int strips = channels / (STRIPS * WIDTH);
  const int chunks = (positions + chunk - 1) / chunk;
  const int i = get_global_id(0);
  if (i >= samples * chunks * strips) return;
  const int part = i / strips;
  const int start = part % chunks * chunk;
  const int count = min(chunk, positions - start);
  __global const IN0 *source =
      in + ((size_t)(part / chunks) * positions + start) * channels + i % strips * STRIPS * WIDTH;

  vec first[STRIPS], sum[STRIPS], square[STRIPS];
#pragma unroll
  for (int s = 0; s < STRIPS; s++) {
    first[s] = load_vector(source + s * WIDTH);
    sum[s] = square[s] = 0.0f;
  }
  for (int k = 1; k < count; k++) {
    source += channels;
#pragma unroll
    for (int s = 0; s < STRIPS; s++) {
      const vec step = load_vector(source + s * WIDTH) - first[s];
      sum[s] += step;
      square[s] += step * step;
    }
  }
  __global float *target = out + (size_t)i * STRIPS * WIDTH;
#pragma unroll
  for (int s = 0; s < STRIPS; s++, target += WIDTH) {
    store_vec(first[s] + sum[s] / (float)count, target);
    store_vec(square[s] - sum[s] * sum[s] / (float)count,
              target + (size_t)samples * chunks * channels);
  }
}
