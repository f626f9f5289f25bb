// Index of the largest element of each row: out[o] = the first k with in[o, k] = max, k < length.
// One work-group a row: work-items stride through it, then combine in a fixed tree.

#include "common/reduction.cl"

__kernel __attribute__((reqd_work_group_size(LOCAL, 1, 1)))
void argmax_rows(__global const float *restrict in, __global int *restrict out, int length) {
  __local float values[LOCAL];
  __local int indices[LOCAL];
  __global const float *row = in + (size_t)get_group_id(0) * length;
  const int id = get_local_id(0);
  float value = -INFINITY;
  int index = length;
  for (int k = id; k < length; k += LOCAL)
    if (row[k] > value || index == length) {
      value = row[k];
      index = k;
    }
  if (LOCAL > 1) {
    const float largest = group_max(value, values);
    // Only those that hold the largest value propose their index.
    indices[id] = value == largest ? index : length;
    for (int half_size = LOCAL / 2; half_size > 0; half_size /= 2) {
      barrier(CLK_LOCAL_MEM_FENCE);
      if (id < half_size) indices[id] = min(indices[id], indices[id + half_size]);
    }
    index = indices[id];
  }
  if (id == 0) out[get_group_id(0)] = index;
}
