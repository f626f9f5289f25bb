// Reduction of an inner axis: out[o, i] = sum (or max) over k of in[o, k, i], k < reduced.
// One work-item WIDTH neighbouring output elements; WIDTH divides `inner`.

#include "common/vector.cl"

#ifndef REDUCE_MAX
#define REDUCE_MAX 0  // 1: maximum, 0: sum
#endif

__kernel void reduce_columns(__global const IN0 *restrict in, __global OUT *restrict out,
                             int outer, int reduced, int inner) {
  const size_t i = get_global_id(0) * WIDTH;
  if (i >= (size_t)outer * inner) return;
  __global const IN0 *column = in + i / inner * reduced * inner + i % inner;
  vec value = load_vector(column);
  for (int k = 1; k < reduced; k++) {
    const vec next = load_vector(column + (size_t)k * inner);
    value = REDUCE_MAX ? fmax(value, next) : value + next;
  }
  store_vector(value, out + i);
}
