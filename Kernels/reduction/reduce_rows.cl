// Reduction of rows: out[o] = sum (or max) over k of in[o, k], k < reduced.
// One work-group a row: work-items stride through it, then combine in a fixed tree.

#include "common/real.cl"
#include "common/reduction.cl"

#ifndef REDUCE_MAX
#define REDUCE_MAX 0  // 1: maximum, 0: sum
#endif

__kernel __attribute__((reqd_work_group_size(LOCAL, 1, 1)))
void reduce_rows(__global const IN0 *restrict in, __global OUT *restrict out, int reduced) {
  __local float shared[LOCAL];
  __global const IN0 *row = in + (size_t)get_group_id(0) * reduced;
  float value = REDUCE_MAX ? -INFINITY : 0.0f;
  for (int k = get_local_id(0); k < reduced; k += LOCAL)
    value = REDUCE_MAX ? fmax(value, load(row + k)) : value + load(row + k);
  value = REDUCE_MAX ? group_max(value, shared) : group_sum(value, shared);
  if (get_local_id(0) == 0) store(value, out + get_group_id(0));
}
