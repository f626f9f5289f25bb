// After grid_sample_grad_input_fixed: its sums as floats, out [count]. NaN everywhere if a gradient
// was not finite, so that nobody takes the sums for numbers. One work-item an element.

#include "common/fixed_point.cl"
#include "common/reduction.cl"

__kernel __attribute__((reqd_work_group_size(LOCAL, 1, 1)))
void grid_sample_grad_input_fixed_store(
    __global const float *restrict largest, __global const uint *restrict words,
    __global float *restrict out, int count, int bits) {
  __local float shared[LOCAL];
  const float bound = group_max(largest[get_local_id(0)], shared);
  const int i = get_global_id(0);
  if (i >= count) return;
  const int exponent = fixed_point_exponent(bound, bits);
  out[i] = isinf(bound) ? NAN : fixed_point_value(words + 2 * (size_t)i, exponent);
}
