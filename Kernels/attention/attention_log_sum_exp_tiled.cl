// Logarithm of the sum of e^score over the keys each query sees: q [B, queries, heads, DEPTH],
// k [B, keys, heads, DEPTH], out [B, queries, heads]; under `causal`, query t sees keys 0 to t.
// A work-group takes ROWS queries of one head and streams the keys, COLS at a time.

#include "common/attention_tile.cl"
#include "common/attention_tile_softmax.cl"

__kernel __attribute__((reqd_work_group_size(LOCAL, 1, 1)))
void attention_log_sum_exp_tiled(__global const IN0 *restrict q, __global const IN0 *restrict k,
                                 __global float *restrict out, int heads, int queries, int keys,
                                 float scale, int causal) {
  __local float stage[STAGE_SIZE] __attribute__((aligned(16)));
  __local float weights[COLS * ROWS] __attribute__((aligned(16)));
  __local float shared[LOCAL];
  __local float factors[ROWS];
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

  float maximum = -INFINITY;
  float total = 0.0f;
  for (int start = 0; start < end; start += COLS) {
    __global const IN0 *tile = k + key_offset + (size_t)start * stride;
    const float4 score = scale * tile_scores(q + query_row * DEPTH, row_count, tile,
                                             min(COLS, end - start), stride, stage);
    const int4 visible = tile_visible(query, (int4)(start + id % COLS), end, causal);
    tile_store(select((float4)(-INFINITY), score, visible), weights);
    tile_softmax(weights, shared, factors, &maximum, &total);
  }
  if (id % SHARE == 0 && id / SHARE < row_count)
    out[query_row + (size_t)(id / SHARE) * heads] = maximum + log(total);
}
