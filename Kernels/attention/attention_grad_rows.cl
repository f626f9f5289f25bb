// The gradients of attention: with p = e^(score - log_sum) and slope = scale * p * (g.v - mean),
// the sums over keys of slope * k, over queries of slope * q, and over queries of p * g. q and g
// [B, queries, heads, DEPTH]; k and v [B, keys, heads, DEPTH]; log_sum and mean
// [B, queries, heads]; out is the gradient of q, from `key_start` on that of k, and from
// `value_start` on that of v.
// For CPUs; DEPTH is a multiple of 16. A work-item takes one of `shares` parts of a head's blocks of
// BLOCK keys, and computes the scores of each with all queries, COLS at a time. The gradient of the
// queries goes to `parts` [B, heads, shares, queries, DEPTH], without `scale`, one summand for each
// share. If DIRECT, one block has all keys: the gradient goes to `out`, and log_sum and mean are not
// read, since each of a query's probabilities is at hand.

#include "common/attention_rows.cl"

#ifndef DIRECT
#define DIRECT 0
#endif
#if DIRECT
#define QUERY_SUM OUT
#define ADD_QUERY_SUM(sum, p) store16(scale *(sum), p)
#define STATISTICS
#define PARTS
#else
#define QUERY_SUM float
#define ADD_QUERY_SUM(sum, p) store16(load16(p) + (sum), p)
#define STATISTICS __global const float *restrict log_sum, __global const float *restrict mean,
#define PARTS __global float *restrict parts,
#endif

// target[r * stride + d] += sum over keys of slopes[key * COLS + r] * key_rows[key * DEPTH + d], for
// `count` rows, or if DIRECT, target = scale times that. Slopes are read up to a whole tile of rows.
static void query_sums(const float *slopes, const float *key_rows, int key_count, int count,
                       float scale, __global QUERY_SUM *target, int stride) {
  float block[ROWS * COLUMNS];
  for (int first = 0; first < count; first += ROWS)
    for (int d = 0; d < DEPTH; d += COLUMNS) {
      float16 sums[ROWS][VECTORS];
      block_clear(sums);
      block_multiply(sums, slopes + first, 1, COLS, key_rows + d, DEPTH, key_count);
      __global QUERY_SUM *p = target + (size_t)first * stride + d;
      if (count - first >= ROWS) {
#pragma unroll
        for (int r = 0; r < ROWS; r++, p += stride)
#pragma unroll
          for (int j = 0; j < VECTORS; j++) ADD_QUERY_SUM(sums[r][j], p + 16 * j);
        continue;
      }
      block_store(sums, block, COLUMNS);
      for (int r = 0; r < count - first; r++, p += stride)
        for (int j = 0; j < COLUMNS; j += 16) ADD_QUERY_SUM(load16(block + r * COLUMNS + j), p + j);
    }
}

#define EACH_VECTOR _Pragma("unroll") for (int v = 0; v < COLS / 16; v++)

// Replaces the scores of `rows` keys by probabilities: softmax over the keys of scale * score, for
// each of COLS queries; 0 for queries from `count` on. Key r is seen by the queries from `first` + r
// on.
static void softmax_keys(float *scores, int rows, int first, int count, float scale) {
  float16 largest[COLS / 16], totals[COLS / 16];
  EACH_VECTOR largest[v] = -INFINITY;
  for (int r = 0; r < rows; r++)
    EACH_VECTOR {
      const float16 score = scale * load16(scores + r * COLS + 16 * v);
      const int16 is_seen = LANE + 16 * v >= first + r;
      largest[v] = fmax(largest[v], select((float16)(-INFINITY), score, is_seen));
    }
  EACH_VECTOR totals[v] = 0.0f;
  for (int r = 0; r < rows; r++)
    EACH_VECTOR {
      float *p = scores + r * COLS + 16 * v;
      const int16 is_seen = LANE + 16 * v >= first + r;
      const float16 weight = select((float16)(0.0f), exp(scale * load16(p) - largest[v]), is_seen);
      store16(weight, p);
      totals[v] += weight;
    }
  EACH_VECTOR totals[v] = select((float16)(0.0f), 1.0f / totals[v], LANE + 16 * v < count);
  for (int r = 0; r < rows; r++)
    EACH_VECTOR {
      float *p = scores + r * COLS + 16 * v;
      store16(load16(p) * totals[v], p);
    }
}

// means[c] = sum over `rows` keys of weight times slope, for each of COLS queries.
static void mean_slopes(const float *weights, const float *slopes, int rows, float *means) {
  float16 sums[COLS / 16];
  EACH_VECTOR sums[v] = 0.0f;
  for (int r = 0; r < rows; r++)
    EACH_VECTOR {
      const int at = r * COLS + 16 * v;
      sums[v] = fma(load16(weights + at), load16(slopes + at), sums[v]);
    }
  EACH_VECTOR store16(sums[v], means + 16 * v);
}

VECTOR_KERNEL
void attention_grad_rows(__global const IN0 *restrict q, __global const IN0 *restrict k,
                         __global const IN0 *restrict v, __global const IN0 *restrict g,
                         STATISTICS __global OUT *restrict out, PARTS int heads, int queries,
                         int keys, float scale, int causal, int shares, uint key_start,
                         uint value_start) {
  const int blocks = (keys + BLOCK - 1) / BLOCK;
  const int share = get_global_id(0) % shares, pair = get_global_id(0) / shares;
  const int batch = pair / heads, head = pair % heads;
  const int stride = heads * DEPTH;
  const size_t query_row = (size_t)batch * queries * heads + head;

  float key_rows[BLOCK * DEPTH];
  float value_rows[BLOCK * DEPTH];
  float key_sums[BLOCK * DEPTH];
  float value_sums[BLOCK * DEPTH];
  float weights[BLOCK * COLS + ROWS];
  float slopes[BLOCK * COLS];
#if !DIRECT
  float log_sums[COLS];
#endif
  float means[COLS];
  float scales[BLOCK];
  float ones[BLOCK];
  for (int r = 0; r < BLOCK; r++) {
    scales[r] = scale;
    ones[r] = 1.0f;
  }
  for (int i = 0; i < BLOCK * COLS; i++) weights[i] = slopes[i] = 0.0f;
  for (int i = 0; i < ROWS; i++) weights[BLOCK * COLS + i] = 0.0f;
#if DIRECT
  __global OUT *query_rows = out + query_row * DEPTH;
  const int query_stride = stride;
#else
  __global float *query_rows = parts + (size_t)get_global_id(0) * queries * DEPTH;
  const int query_stride = DEPTH;
  for (int i = 0; i < queries * DEPTH; i += 16) store16((float16)(0.0f), query_rows + i);
#endif
  const int last_block = blocks * (share + 1) / shares;
  for (int block = blocks * share / shares; block < last_block; block++) {
    const int own = block * BLOCK, first = block_start(own, keys);
    const int row_count = min(BLOCK, keys - first);
    const size_t key_offset = ((size_t)(batch * keys + first) * heads + head) * DEPTH;
    load_rows(k + key_offset, row_count, stride, key_rows);
    load_rows(v + key_offset, row_count, stride, value_rows);
    for (int i = 0; i < BLOCK * DEPTH; i++) key_sums[i] = value_sums[i] = 0.0f;
    for (int start = causal ? first : 0; start < queries; start += COLS) {
      const size_t row = query_row + (size_t)start * heads;
      const size_t offset = row * DEPTH;
      const int count = min(COLS, queries - start);
      row_scores(key_rows, row_count, q + offset, g + offset, count, stride, weights);
      row_scores(value_rows, row_count, g + offset, q + offset + (size_t)COLS * stride, count,
                 stride, slopes);
#if DIRECT
      softmax_keys(weights, row_count, causal ? -start : -row_count, count, scale);
      mean_slopes(weights, slopes, row_count, means);
#else
      col_statistics(log_sum + row, count, heads, log_sums);
      col_statistics(mean + row, count, heads, means);
      for (int r = 0; r < row_count; r++)
        row_probabilities(weights + r * COLS, causal ? first + r - start : 0, count, scale,
                          log_sums);
#endif
      row_accumulate(value_sums, weights, row_count, g + offset, count, stride);
      for (int r = 0; r < row_count; r++)
        row_slopes(weights + r * COLS, slopes + r * COLS, means);
      row_accumulate(key_sums, weights, row_count, q + offset, count, stride);
      // What the block before has, too, counts there.
      const int skipped = own - first;
      query_sums(weights + skipped * COLS, key_rows + skipped * DEPTH, row_count - skipped, count,
                 scale, query_rows + (size_t)start * query_stride, query_stride);
    }
    row_write(key_sums, scales, out + key_start + key_offset, own - first, row_count, stride);
    row_write(value_sums, ones, out + value_start + key_offset, own - first, row_count, stride);
  }
}
