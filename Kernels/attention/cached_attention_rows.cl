// Attention of one query a sample and head to keys 0 to count[0] - 1: q and out [B, heads, DEPTH],
// k and v [B, keys, heads, DEPTH]. One work-group a sample and head, by streaming softmax over KEYS
// keys at a time: each work-item scores some of them, then sums some components of the values.

#include "common/reduction.cl"

#ifndef DEPTH
#define DEPTH 64
#endif
#ifndef KEYS
#define KEYS 128  // scored before their values are read
#endif
#define OWN ((DEPTH + LOCAL - 1) / LOCAL)  // components of a work-item

__kernel __attribute__((reqd_work_group_size(LOCAL, 1, 1)))
void cached_attention_rows(__global const float *restrict q, __global const float *restrict k,
                           __global const float *restrict v, __global const int *restrict count,
                           __global float *restrict out, int keys, int heads, float scale) {
  __local float shared[LOCAL];
  __local float weights[KEYS];
  const int id = get_local_id(0), group = get_group_id(0);
  const int end = clamp(count[0], 1, keys), stride = heads * DEPTH;
  const size_t first = (size_t)(group / heads) * keys * stride + group % heads * DEPTH;
  q += (size_t)group * DEPTH;
  k += first;
  v += first;
  float acc[OWN];
  for (int i = 0; i < OWN; i++) acc[i] = 0.0f;
  float largest = -INFINITY, total = 0.0f;
  for (int start = 0; start < end; start += KEYS) {
    const int there = min(KEYS, end - start);
    float own_largest = -INFINITY;
    for (int j = id; j < there; j += LOCAL) {
      __global const float *key = k + (size_t)(start + j) * stride;
      float score = 0.0f;
      for (int d = 0; d < DEPTH; d++) score += q[d] * key[d];
      weights[j] = score * scale;
      own_largest = fmax(own_largest, weights[j]);
    }
    const float next = fmax(largest, group_max(own_largest, shared));
    const float factor = exp(largest - next);
    float own_total = 0.0f;
    for (int j = id; j < there; j += LOCAL) {
      weights[j] = exp(weights[j] - next);
      own_total += weights[j];
    }
    total = total * factor + group_sum(own_total, shared);
    largest = next;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int i = 0; i < OWN; i++) {
      const int d = i * LOCAL + id;
      if (d >= DEPTH) continue;
      float sum = acc[i] * factor;
      for (int j = 0; j < there; j++) sum += weights[j] * v[(size_t)(start + j) * stride + d];
      acc[i] = sum;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  for (int i = 0; i < OWN; i++)
    if (i * LOCAL + id < DEPTH) out[(size_t)group * DEPTH + i * LOCAL + id] = acc[i] / total;
}
