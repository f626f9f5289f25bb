// Gradient of attention for the queries: the sum over keys of scale * p * (g.v - mean) * k, with
// p = e^(score - log_sum). q, g and out [B, queries, heads, DEPTH]; k and v
// [B, keys, heads, DEPTH]; log_sum and mean [B, queries, heads].
// A work-group takes ROWS queries of one head and streams the keys, COLS at a time. `out_start`
// elements of `out` are not its.

#include "common/attention_tile.cl"

__kernel __attribute__((reqd_work_group_size(LOCAL, 1, 1)))
void attention_grad_query_tiled(__global const IN0 *restrict q, __global const IN0 *restrict k,
                                __global const IN0 *restrict v, __global const IN0 *restrict g,
                                __global const float *restrict log_sum,
                                __global const float *restrict mean, __global OUT *restrict out,
                                int heads, int queries, int keys, float scale, int causal,
                                uint out_start) {
  __local float stage[STAGE_SIZE] __attribute__((aligned(16)));
  __local float weights[COLS * ROWS] __attribute__((aligned(16)));
  const int id = get_local_id(0);
  const int blocks = (queries + ROWS - 1) / ROWS;
  const int group = FIRST_GROUP_ID(LOCAL);
  const int first = group % blocks * ROWS;
  const int batch = group / blocks / heads;
  const int head = group / blocks % heads;
  const int stride = heads * DEPTH;
  const size_t query_row = (size_t)(batch * queries + first) * heads + head;
  const size_t key_offset = ((size_t)batch * keys * heads + head) * DEPTH;
  const int row_count = min(ROWS, queries - first);
  const int end = causal ? min(keys, first + ROWS) : keys;
  const int4 query = first + id / COLS * 4 + (int4)(0, 1, 2, 3);
  const float4 row_log_sum = tile_statistics(log_sum + query_row, row_count, heads);
  const float4 row_mean = tile_statistics(mean + query_row, row_count, heads);

  float acc[ACC_ROWS][ACC_COLS];
  tile_clear(acc);
  for (int start = 0; start < end; start += COLS) {
    const size_t offset = key_offset + (size_t)start * stride;
    const int count = min(COLS, end - start);
    const float4 score =
        scale * tile_scores(q + query_row * DEPTH, row_count, k + offset, count, stride, stage);
    const float4 slope =
        tile_scores(g + query_row * DEPTH, row_count, v + offset, count, stride, stage) - row_mean;
    const int4 visible = tile_visible(query, (int4)(start + id % COLS), end, causal);
    const float4 weight = scale * exp(score - row_log_sum) * slope;
    tile_store(select((float4)(0.0f), weight, visible), weights);
    barrier(CLK_LOCAL_MEM_FENCE);
    tile_accumulate(acc, weights, k + offset, count, stride);
  }
  tile_write(acc, out + out_start + query_row * DEPTH, row_count, stride);
}
