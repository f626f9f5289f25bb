// Sums of g and of g * (x - mean) * rstd for every channel over chunks of positions: gradient and
// x [N, S, G*D], moments [2, N, G] (mean, then rstd), out [2, N, chunks, G*D].
// standardize_grad_means_combine.cl merges them.
// One work-item STRIPS vectors of neighbouring channels of a chunk; their width divides G*D.

#include "common/vector.cl"

__kernel void standardize_grad_means_columns(__global const IN0 *restrict gradient,
                                             __global const IN1 *restrict x,
                                             __global const float *restrict moments,
                                             __global float *restrict out, int samples,
                                             int positions, int groups, int depth, int chunk) {
  const int channels = groups * depth;
  const int strips = channels / (STRIPS * WIDTH);
  const int chunks = (positions + chunk - 1) / chunk;
  const int i = get_global_id(0);
  if (i >= samples * chunks * strips) return;
  const int part = i / strips;
  const int channel = i % strips * STRIPS * WIDTH;
  const int start = part % chunks * chunk;
  const int count = min(chunk, positions - start);
  const size_t origin = ((size_t)(part / chunks) * positions + start) * channels + channel;

  float means[STRIPS * WIDTH];
  float reciprocals[STRIPS * WIDTH];
  for (int j = 0; j < STRIPS * WIDTH; j++) {
    const int group = part / chunks * groups + (channel + j) / depth;
    means[j] = moments[group];
    reciprocals[j] = moments[samples * groups + group];
  }
  vec mean[STRIPS], sum[STRIPS], product[STRIPS];
#pragma unroll
  for (int s = 0; s < STRIPS; s++) {
    mean[s] = load_vec(means + s * WIDTH);
    sum[s] = product[s] = 0.0f;
  }
  for (int k = 0; k < count; k++) {
    const size_t index = origin + (size_t)k * channels;
#pragma unroll
    for (int s = 0; s < STRIPS; s++) {
      const vec g = load_vector(gradient + index + s * WIDTH);
      sum[s] += g;
      product[s] += g * (load_vector(x + index + s * WIDTH) - mean[s]);
    }
  }
  __global float *target = out + (size_t)i * STRIPS * WIDTH;
#pragma unroll
  for (int s = 0; s < STRIPS; s++, target += WIDTH) {
    store_vec(sum[s], target);
    store_vec(product[s] * load_vec(reciprocals + s * WIDTH),
              target + (size_t)samples * chunks * channels);
  }
}
