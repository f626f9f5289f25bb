// Reduction of an inner axis: out[o, i] = sum (or max) over k of in[o, k, i], k < reduced.
// One work-item an output element; neighbours read neighbours.

#include "common/real.cl"

#ifndef REDUCE_MAX
#define REDUCE_MAX 0  // 1: maximum, 0: sum
#endif

__kernel void reduce_columns(__global const IN0 *restrict in, __global OUT *restrict out,
                             int outer, int reduced, int inner) {
  const int i = get_global_id(0);
  if (i >= outer * inner) return;
  __global const IN0 *column = in + (size_t)(i / inner) * reduced * inner + i % inner;
  float value = load(column);
  for (int k = 1; k < reduced; k++) {
    const float next = load(column + (size_t)k * inner);
    value = REDUCE_MAX ? fmax(value, next) : value + next;
  }
  store(value, out + i);
}
