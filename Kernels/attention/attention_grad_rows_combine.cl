// The last step of attention_grad_rows: out[B, queries, heads, DEPTH] = scale times the sum over the
// shares of parts[B, heads, shares, queries, DEPTH]. A work-item computes one row.

#include "common/real.cl"

#ifndef DEPTH
#define DEPTH 64  // length of a row, a multiple of 16
#endif

VECTOR_KERNEL
void attention_grad_rows_combine(__global const float *restrict parts, __global OUT *restrict out,
                                 int heads, int queries, float scale, int shares) {
  const size_t row = get_global_id(0);
  const size_t head = row % heads, query = row / heads % queries, batch = row / heads / queries;
  const size_t share_size = (size_t)queries * DEPTH;
  __global const float *part =
      parts + (batch * heads + head) * shares * share_size + query * DEPTH;
  for (int d = 0; d < DEPTH; d += 16) {
    float16 sum = load16(part + d);
    for (int share = 1; share < shares; share++) sum += load16(part + share * share_size + d);
    store16(scale * sum, out + row * DEPTH + d);
  }
}
