// Gradient of attention for the keys: the sum over queries of scale * p * (g.v - mean) * q, with
// p = e^(score - log_sum). q and g [B, queries, heads, DEPTH]; k, v and out [B, keys, heads,
// DEPTH]; log_sum and mean [B, queries, heads].
// For CPUs; DEPTH is a multiple of 16. A work-item takes BLOCK keys of one head.

#include "common/attention_rows.cl"

VECTOR_KERNEL
void attention_grad_key_rows(__global const IN0 *restrict q, __global const IN0 *restrict k,
                             __global const IN0 *restrict v, __global const IN0 *restrict g,
                             __global const float *restrict log_sum,
                             __global const float *restrict mean, __global OUT *restrict out,
                             int heads, int queries, int keys, float scale, int causal) {
  const int blocks = (keys + BLOCK - 1) / BLOCK;
  const int own = get_global_id(0) % blocks * BLOCK, first = block_start(own, keys);
  const int batch = get_global_id(0) / blocks / heads;
  const int head = get_global_id(0) / blocks % heads;
  const int stride = heads * DEPTH;
  const size_t key_offset = ((size_t)(batch * keys + first) * heads + head) * DEPTH;
  const int row_count = min(BLOCK, keys - first);

  float key_rows[BLOCK * DEPTH];
  float value_rows[BLOCK * DEPTH];
  float scores[BLOCK * COLS];
  float slopes[BLOCK * COLS];
  float log_sums[COLS];
  float means[COLS];
  float acc[BLOCK * DEPTH];
  float factors[BLOCK];
  for (int i = 0; i < BLOCK * COLS; i++) scores[i] = slopes[i] = 0.0f;
  for (int i = 0; i < BLOCK * DEPTH; i++) acc[i] = 0.0f;
  for (int r = 0; r < BLOCK; r++) factors[r] = scale;
  load_rows(k + key_offset, row_count, stride, key_rows);
  load_rows(v + key_offset, row_count, stride, value_rows);
  for (int start = causal ? first : 0; start < queries; start += COLS) {
    const size_t query_row = (size_t)(batch * queries + start) * heads + head;
    const size_t offset = query_row * DEPTH;
    const int count = min(COLS, queries - start);
    col_statistics(log_sum + query_row, count, heads, log_sums);
    col_statistics(mean + query_row, count, heads, means);
    row_scores(key_rows, row_count, q + offset, g + offset, count, stride, scores);
    row_scores(value_rows, row_count, g + offset, q + offset + (size_t)COLS * stride, count, stride,
               slopes);
    for (int r = 0; r < row_count; r++) {
      const int earliest = causal ? first + r - start : 0;
      row_probabilities(scores + r * COLS, earliest, count, scale, log_sums);
      row_slopes(scores + r * COLS, slopes + r * COLS, means);
    }
    row_accumulate(acc, scores, row_count, q + offset, count, stride);
  }
  row_write(acc, factors, out + key_offset, own - first, row_count, stride);
}
