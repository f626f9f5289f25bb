// Merges what moments_columns.cl computed, in [2, N, chunks, G*D], into the mean and
// 1 / sqrt(variance + epsilon) of every group: out [2, N, G]. One work-group a group.

#include "common/reduction.cl"

__kernel __attribute__((reqd_work_group_size(LOCAL, 1, 1)))
void moments_combine(__global const float *restrict in, __global float *restrict out, int samples,
                     int positions, int groups, int depth, int chunk, float epsilon) {
  __local float shared[LOCAL];
  const int channels = groups * depth;
  const int chunks = (positions + chunk - 1) / chunk;
  const int sample = get_group_id(0) / groups;
  __global const float *means =
      in + (size_t)sample * chunks * channels + get_group_id(0) % groups * depth;
  __global const float *squares = means + (size_t)samples * chunks * channels;
  const float size = (float)positions * depth;

  // The mean as a difference to one of the means, which are close to each other.
  const float first = means[0];
  float sum = 0.0f;
  for (int k = get_local_id(0); k < chunks * depth; k += LOCAL) {
    const int count = min(chunk, positions - k / depth * chunk);
    sum += count * (means[(size_t)(k / depth) * channels + k % depth] - first);
  }
  const float mean = first + group_sum(sum, shared) / size;

  float square = 0.0f;
  for (int k = get_local_id(0); k < chunks * depth; k += LOCAL) {
    const int count = min(chunk, positions - k / depth * chunk);
    const size_t index = (size_t)(k / depth) * channels + k % depth;
    const float step = means[index] - mean;
    square += squares[index] + count * step * step;
  }
  square = group_sum(square, shared);

  if (get_local_id(0) == 0) {
    out[get_group_id(0)] = mean;
    out[samples * groups + get_group_id(0)] = 1.0f / sqrt(square / size + epsilon);
  }
}
