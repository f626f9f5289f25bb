// Before grid_sample_grad_input_fixed: the largest |gradient|, and zeros for its sums.
// Launched with LOCAL work-groups of LOCAL work-items; each group writes the largest of its share
// of `count` gradients to largest[group], infinity if one is not finite.

#include "common/reduction.cl"

__kernel __attribute__((reqd_work_group_size(LOCAL, 1, 1)))
void grid_sample_grad_input_fixed_largest(
    __global const float *restrict gradient, __global float *restrict largest,
    __global uint *restrict words, int count, int word_count) {
  __local float shared[LOCAL];
  float value = 0.0f;
  for (int i = get_global_id(0); i < count; i += LOCAL * LOCAL)
    value = fmax(value, isfinite(gradient[i]) ? fabs(gradient[i]) : INFINITY);
  for (int i = get_global_id(0); i < word_count; i += LOCAL * LOCAL) words[i] = 0;
  value = group_max(value, shared);
  if (get_local_id(0) == 0) largest[get_group_id(0)] = value;
}
