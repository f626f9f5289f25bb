// Gradient of attention for the values: the sum over queries of p * g, with
// p = e^(score - log_sum). q and g [B, queries, heads, DEPTH]; k and out
// [B, keys, heads, DEPTH]; log_sum [B, queries, heads].
// A work-group takes ROWS keys of one head and streams the queries, COLS at a time. `out_start`
// elements of `out` are not its.

#include "common/attention_tile.cl"

__kernel __attribute__((reqd_work_group_size(LOCAL, 1, 1)))
void attention_grad_value_tiled(__global const IN0 *restrict q, __global const IN0 *restrict k,
                                __global const IN0 *restrict g,
                                __global const float *restrict log_sum,
                                __global OUT *restrict out, int heads, int queries, int keys,
                                float scale, int causal, uint out_start) {
  __local float stage[STAGE_SIZE] __attribute__((aligned(16)));
  __local float weights[COLS * ROWS] __attribute__((aligned(16)));
  const int id = get_local_id(0);
  const int blocks = (keys + ROWS - 1) / ROWS;
  const int group = FIRST_GROUP_ID(LOCAL);
  const int first = group % blocks * ROWS;
  const int batch = group / blocks / heads;
  const int head = group / blocks % heads;
  const int stride = heads * DEPTH;
  const size_t key_offset = ((size_t)(batch * keys + first) * heads + head) * DEPTH;
  const int row_count = min(ROWS, keys - first);
  const int4 key = first + id / COLS * 4 + (int4)(0, 1, 2, 3);

  float acc[ACC_ROWS][ACC_COLS];
  tile_clear(acc);
  for (int start = causal ? first : 0; start < queries; start += COLS) {
    const size_t query_row = (size_t)(batch * queries + start) * heads + head;
    const size_t offset = query_row * DEPTH;
    const int count = min(COLS, queries - start);
    const int col = id % COLS;
    const float4 score =
        scale * tile_scores(k + key_offset, row_count, q + offset, count, stride, stage);
    const int4 visible = tile_visible((int4)(start + col), key, keys, causal);
    const float4 weight = exp(score - log_sum[query_row + (size_t)min(col, count - 1) * heads]);
    tile_store(select((float4)(0.0f), weight, visible), weights);
    barrier(CLK_LOCAL_MEM_FENCE);
    tile_accumulate(acc, weights, g + offset, count, stride);
  }
  tile_write(acc, out + out_start + key_offset, row_count, stride);
}
