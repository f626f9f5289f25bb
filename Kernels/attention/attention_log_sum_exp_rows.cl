// Logarithm of the sum of e^score over the keys each query sees: q [B, queries, heads, DEPTH],
// k [B, keys, heads, DEPTH], out [B, queries, heads]; under `causal`, query t sees keys 0 to t.
// For CPUs; DEPTH is a multiple of 16. A work-item takes ROWS queries of one head.

#include "common/attention_rows.cl"

__kernel void attention_log_sum_exp_rows(__global const IN0 *restrict q,
                                         __global const IN0 *restrict k,
                                         __global float *restrict out, int heads, int queries,
                                         int keys, float scale, int causal) {
  const int blocks = (queries + ROWS - 1) / ROWS;
  const int first = get_global_id(0) % blocks * ROWS;
  const int batch = get_global_id(0) / blocks / heads;
  const int head = get_global_id(0) / blocks % heads;
  const int stride = heads * DEPTH;
  const size_t query_row = (size_t)(batch * queries + first) * heads + head;
  const size_t key_offset = ((size_t)batch * keys * heads + head) * DEPTH;
  const int row_count = min(ROWS, queries - first);
  const int end = causal ? min(keys, first + ROWS) : keys;

  float scores[ROWS * COLS];
  float maximum[ROWS];
  float total[ROWS];
  for (int i = 0; i < ROWS * COLS; i++) scores[i] = 0.0f;
  for (int r = 0; r < ROWS; r++) {
    maximum[r] = -INFINITY;
    total[r] = 0.0f;
  }
  for (int start = 0; start < end; start += COLS) {
    const int count = min(COLS, end - start);
    row_scores(q + query_row * DEPTH, row_count, k + key_offset + (size_t)start * stride, count,
               stride, scores);
    for (int r = 0; r < ROWS; r++) {
      const int limit = causal ? min(count, first + r + 1 - start) : count;
      row_softmax(scores + r * COLS, limit, scale, &maximum[r], &total[r]);
    }
  }
  for (int r = 0; r < row_count; r++)
    out[query_row + (size_t)r * heads] = maximum[r] + log(total[r]);
}
