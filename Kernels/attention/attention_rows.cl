// Attention by streaming softmax: q and out [B, queries, heads, DEPTH], k and v
// [B, keys, heads, DEPTH]; under `causal`, query t sees keys 0 to t.
// For CPUs; DEPTH is a multiple of 16. A work-item takes BLOCK queries of one head.

#include "common/attention_rows.cl"

VECTOR_KERNEL
void attention_rows(__global const IN0 *restrict q, __global const IN0 *restrict k,
                    __global const IN0 *restrict v, __global OUT *restrict out, int heads,
                    int queries, int keys, float scale, int causal) {
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
  float scores[BLOCK * COLS];
  float acc[BLOCK * DEPTH];
  float maximum[BLOCK];
  float total[BLOCK];
  for (int i = 0; i < BLOCK * COLS; i++) scores[i] = 0.0f;
  for (int i = 0; i < BLOCK * DEPTH; i++) acc[i] = 0.0f;
  for (int r = 0; r < BLOCK; r++) {
    maximum[r] = -INFINITY;
    total[r] = 0.0f;
  }
  load_rows(q + query_row * DEPTH, row_count, stride, query_rows);
  for (int start = 0; start < end; start += COLS) {
    const size_t offset = key_offset + (size_t)start * stride;
    const int count = min(COLS, end - start);
    row_scores(query_rows, row_count, k + offset, v + offset, count, stride, scores);
    for (int r = 0; r < row_count; r++) {
      const int limit = causal ? min(count, first + r + 1 - start) : count;
      const float factor =
          row_softmax(scores + r * COLS, limit, scale, &maximum[r], &total[r]);
      if (factor == 1.0f) continue;  // no larger score
      for (int d = 0; d < DEPTH; d += 16)
        store16(factor * load16(acc + r * DEPTH + d), acc + r * DEPTH + d);
    }
    row_accumulate(acc, scores, row_count, v + offset, count, stride);
  }
  for (int r = 0; r < row_count; r++) total[r] = 1.0f / total[r];
  row_write(acc, total, out + query_row * DEPTH, own - first, row_count, stride);
}
