// Logarithm of the sum of e^score over the keys each query sees: q [B, queries, heads, DEPTH],
// k [B, keys, heads, DEPTH], out [B, queries, heads]; under `causal`, query t sees keys 0 to t.
// For CPUs; DEPTH is a multiple of 16. A work-item takes BLOCK queries of one head.

#include "common/attention_rows.cl"

VECTOR_KERNEL
void attention_log_sum_exp_rows(__global const IN0 *restrict q, __global const IN0 *restrict k,
                                __global float *restrict out, int heads, int queries, int keys,
                                float scale, int causal) {
  const int blocks = (queries + BLOCK - 1) / BLOCK;
  const int own = get_global_id(0) % blocks * BLOCK, first = block_start(own, queries);
  const int batch = get_global_id(0) / blocks / heads;
  const int head = get_global_id(0) / blocks % heads;
  const int stride = heads * DEPTH;
  const size_t key_offset = ((size_t)batch * keys * heads + head) * DEPTH;
  const size_t query_row = (size_t)(batch * queries + first) * heads + head;
  const int row_count = min(BLOCK, queries - first);
  const int end = causal ? min(keys, first + BLOCK) : keys;

  float query_rows[BLOCK * DEPTH];
  float scores[BLOCK * COLS];
  float maximum[BLOCK];
  float total[BLOCK];
  for (int i = 0; i < BLOCK * COLS; i++) scores[i] = 0.0f;
  for (int r = 0; r < BLOCK; r++) {
    maximum[r] = -INFINITY;
    total[r] = 0.0f;
  }
  load_rows(q + query_row * DEPTH, row_count, stride, query_rows);
  for (int start = 0; start < end; start += COLS) {
    const int count = min(COLS, end - start);
    __global const IN0 *columns = k + key_offset + (size_t)start * stride;
    row_scores(query_rows, row_count, columns, columns + (size_t)COLS * stride, count, stride,
               scores);
    for (int r = 0; r < row_count; r++) {
      const int limit = causal ? min(count, first + r + 1 - start) : count;
      row_softmax(scores + r * COLS, limit, scale, &maximum[r], &total[r]);
    }
  }
  for (int r = own - first; r < row_count; r++)
    out[query_row + (size_t)r * heads] = maximum[r] + log(total[r]);
}
