// Gradient of attention for the queries: the sum over keys of scale * p * (g.v - mean) * k, with
// p = e^(score - log_sum). q, g and out [B, queries, heads, DEPTH]; k and v [B, keys, heads,
// DEPTH]; log_sum and mean [B, queries, heads].
// For CPUs; DEPTH is a multiple of 16. A work-item takes BLOCK queries of one head.

#include "common/attention_rows.cl"

VECTOR_KERNEL
void attention_grad_query_rows(__global const IN0 *restrict q, __global const IN0 *restrict k,
                               __global const IN0 *restrict v, __global const IN0 *restrict g,
                               __global const float *restrict log_sum,
                               __global const float *restrict mean, __global OUT *restrict out,
                               int heads, int queries, int keys, float scale, int causal) {
  const int blocks = (queries + BLOCK - 1) / BLOCK;
  const int own = get_global_id(0) % blocks * BLOCK, first = block_start(own, queries);
  const int batch = get_global_id(0) / blocks / heads;
  const int head = get_global_id(0) / blocks % heads;
  const int stride = heads * DEPTH;
  const size_t query_row = (size_t)(batch * queries + first) * heads + head;
  const size_t key_offset = ((size_t)batch * keys * heads + head) * DEPTH;
  const int row_count = min(BLOCK, queries - first);
  const int end = causal ? min(keys, first + BLOCK) : keys;

  float query_rows[BLOCK * DEPTH];
  float gradient_rows[BLOCK * DEPTH];
  float scores[BLOCK * COLS];
  float slopes[BLOCK * COLS];
  float log_sums[COLS];
  float means[COLS];
  float acc[BLOCK * DEPTH];
  float factors[BLOCK];
  for (int i = 0; i < BLOCK * COLS; i++) scores[i] = slopes[i] = 0.0f;
  for (int i = 0; i < BLOCK * DEPTH; i++) acc[i] = 0.0f;
  for (int r = 0; r < BLOCK; r++) factors[r] = scale;
  load_rows(q + query_row * DEPTH, row_count, stride, query_rows);
  load_rows(g + query_row * DEPTH, row_count, stride, gradient_rows);
  for (int start = 0; start < end; start += COLS) {
    const size_t offset = key_offset + (size_t)start * stride;
    const int count = min(COLS, end - start);
    row_scores(query_rows, row_count, k + offset, v + offset, count, stride, scores);
    row_scores(gradient_rows, row_count, v + offset, k + offset + (size_t)COLS * stride, count,
               stride, slopes);
    for (int r = 0; r < row_count; r++) {
      const size_t row = query_row + (size_t)r * heads;
      const int limit = causal ? min(count, first + r + 1 - start) : count;
      for (int c = 0; c < COLS; c++) {
        log_sums[c] = log_sum[row];
        means[c] = mean[row];
      }
      row_probabilities(scores + r * COLS, 0, limit, scale, log_sums);
      row_slopes(scores + r * COLS, slopes + r * COLS, means);
    }
    row_accumulate(acc, scores, row_count, k + offset, count, stride);
  }
  row_write(acc, factors, out + query_row * DEPTH, own - first, row_count, stride);
}
