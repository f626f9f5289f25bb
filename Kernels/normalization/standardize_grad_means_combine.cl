// Merges what standardize_grad_means_columns.cl computed, in [2, N, chunks, G*D], into means over
// every group: out [2, N, G]. One work-group a group.

#include "common/reduction.cl"

__kernel __attribute__((reqd_work_group_size(LOCAL, 1, 1)))
void standardize_grad_means_combine(__global const float *restrict in, __global float *restrict out,
                                    int samples, int positions, int groups, int depth, int chunk) {
  __local float shared[LOCAL];
  const int channels = groups * depth;
  const int chunks = (positions + chunk - 1) / chunk;
  const int sample = get_group_id(0) / groups;
  __global const float *sums =
      in + (size_t)sample * chunks * channels + get_group_id(0) % groups * depth;
  __global const float *products = sums + (size_t)samples * chunks * channels;
  const float size = (float)positions * depth;

  float sum = 0.0f;
  float product = 0.0f;
  for (int k = get_local_id(0); k < chunks * depth; k += LOCAL) {
    const size_t index = (size_t)(k / depth) * channels + k % depth;
    sum += sums[index];
    product += products[index];
  }
  sum = group_sum(sum, shared);
  product = group_sum(product, shared);

  if (get_local_id(0) == 0) {
    out[get_group_id(0)] = sum / size;
    out[samples * groups + get_group_id(0)] = product / size;
  }
}
