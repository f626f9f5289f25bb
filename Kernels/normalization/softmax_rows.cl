// Softmax of contiguous rows: out[r, k] = exp(in[r, k] - max) / sum of those. One work-group a row.

#include "common/reduction.cl"
#include "common/vector.cl"

__kernel __attribute__((reqd_work_group_size(LOCAL, 1, 1)))
void softmax_rows(__global const float *restrict in, __global float *restrict out, int length) {
  __local float shared[LOCAL];
  const int id = get_local_id(0);
  const int whole = length / WIDTH * WIDTH;
  in += (size_t)get_group_id(0) * length;
  out += (size_t)get_group_id(0) * length;

  vec largest = -INFINITY;
  for (int k = id * WIDTH; k < whole; k += LOCAL * WIDTH)
    largest = fmax(largest, load_vec(in + k));
  float maximum = vec_max(largest);
  for (int k = whole + id; k < length; k += LOCAL) maximum = fmax(maximum, in[k]);
  maximum = group_max(maximum, shared);

  vec sums = 0.0f;
  for (int k = id * WIDTH; k < whole; k += LOCAL * WIDTH) {
    const vec e = exp(load_vec(in + k) - maximum);
    store_vec(e, out + k);
    sums += e;
  }
  float sum = vec_sum(sums);
  for (int k = whole + id; k < length; k += LOCAL) {
    out[k] = exp(in[k] - maximum);
    sum += out[k];
  }
  const float share = 1.0f / group_sum(sum, shared);

  // Every work-item scales what it stored itself.
  for (int k = id * WIDTH; k < whole; k += LOCAL * WIDTH)
    store_vec(load_vec(out + k) * share, out + k);
  for (int k = whole + id; k < length; k += LOCAL) out[k] *= share;
}
