// Blocks of attention for work-groups of LOCAL: ROWS rows of one side against COLS of the other at
// a time, staged in local memory; no entry points. Rows are DEPTH values, `stride` apart.
//
// Scores: work-item i holds four rows, from i / COLS * 4, of column i % COLS. Sums: it holds
// ACC_ROWS rows, from i / LANES * ACC_ROWS, of every LANES-th element from i % LANES.
// What takes the sums is in place where it is called, so that these stay in registers.

#include "common/groups.cl"
#include "common/real.cl"

#define LOCAL 128
#define ROWS 16
#define COLS 32
#ifndef DEPTH
#define DEPTH 64  // length of a row
#endif
#ifndef LANES
#define LANES 64  // work-items that share a row of sums: 32, 64 or 128
#endif
#ifndef CHUNK
#define CHUNK 32  // depth staged in local memory at a time
#endif
#define ACC_ROWS (ROWS * LANES / LOCAL)
#define ACC_COLS ((DEPTH + LANES - 1) / LANES)
#define ROW_PITCH (ROWS + 4)
#define COL_PITCH (COLS + 1)
#define STAGE_SIZE (CHUNK * (ROW_PITCH + COL_PITCH))

// Products of this work-item's four rows with its column; 0 for those past the counts.
// `stage` holds STAGE_SIZE floats, aligned as a float4 is. Starts with a barrier.
static float4 tile_scores(__global const IN0 *rows, int row_count, __global const IN0 *cols,
                          int col_count, int stride, __local float *stage) {
  __local float *a = stage;
  __local float *b = stage + CHUNK * ROW_PITCH;
  const int id = get_local_id(0);
  float4 sum = 0.0f;
  for (int start = 0; start < DEPTH; start += CHUNK) {
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int i = id; i < ROWS * CHUNK; i += LOCAL) {
      const int r = i / CHUNK;
      const int d = start + i % CHUNK;
      a[i % CHUNK * ROW_PITCH + r] =
          r < row_count && d < DEPTH ? load(rows + (size_t)r * stride + d) : 0.0f;
    }
    for (int i = id; i < COLS * CHUNK; i += LOCAL) {
      const int c = i / CHUNK;
      const int d = start + i % CHUNK;
      b[i % CHUNK * COL_PITCH + c] =
          c < col_count && d < DEPTH ? load(cols + (size_t)c * stride + d) : 0.0f;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int d = 0; d < CHUNK; d++)
      sum += *(__local const float4 *)(a + d * ROW_PITCH + id / COLS * 4) *
             b[d * COL_PITCH + id % COLS];
  }
  return sum;
}

// Leaves this work-item's four weights in `weights` [COLS, ROWS], aligned as a float4 is.
static void tile_store(float4 weight, __local float *weights) {
  const int id = get_local_id(0);
  *(__local float4 *)(weights + id % COLS * ROWS + id / COLS * 4) = weight;
}

// acc += weights * cols, over the columns that exist.
static __attribute__((always_inline)) void tile_accumulate(float acc[ACC_ROWS][ACC_COLS],
                                                           __local const float *weights,
                                                           __global const IN0 *cols,
                                                           int col_count, int stride) {
  const int lane = get_local_id(0) % LANES;
  const int first = get_local_id(0) / LANES * ACC_ROWS;
  for (int c = 0; c < col_count; c++) {
    float w[ACC_ROWS];
#pragma unroll
    for (int r = 0; r < ACC_ROWS; r++) w[r] = weights[c * ROWS + first + r];
#pragma unroll
    for (int j = 0; j < ACC_COLS; j++) {
      const int d = j * LANES + lane;
      const float value = d < DEPTH ? load(cols + (size_t)c * stride + d) : 0.0f;
#pragma unroll
      for (int r = 0; r < ACC_ROWS; r++) acc[r][j] += w[r] * value;
    }
  }
}

// Writes the sums to the rows that exist. The address runs along: with one computed for each row,
// Intel's CPU compiler (2026.22) stored the rows of a vector of work-items transposed.
static __attribute__((always_inline)) void tile_write(float acc[ACC_ROWS][ACC_COLS],
                                                      __global OUT *rows, int row_count,
                                                      int stride) {
  const int lane = get_local_id(0) % LANES;
  const int first = get_local_id(0) / LANES * ACC_ROWS;
  __global OUT *row = rows + (size_t)first * stride;
#pragma unroll
  for (int r = 0; r < ACC_ROWS; r++) {
    if (first + r >= row_count) break;
#pragma unroll
    for (int j = 0; j < ACC_COLS; j++)
      if (j * LANES + lane < DEPTH) store(acc[r][j], row + j * LANES + lane);
    row += stride;
  }
}

static __attribute__((always_inline)) void tile_clear(float acc[ACC_ROWS][ACC_COLS]) {
#pragma unroll
  for (int r = 0; r < ACC_ROWS; r++)
#pragma unroll
    for (int j = 0; j < ACC_COLS; j++) acc[r][j] = 0.0f;
}

// Statistics [.., heads] of this work-item's four rows; those past the count repeat the last one.
// Oclgrind 21.10 reads beyond the bound of min() if that is not a vector, too.
static float4 tile_statistics(__global const float *statistics, int row_count, int heads) {
  const int4 row = (int)get_local_id(0) / COLS * 4 + (int4)(0, 1, 2, 3);
  const int4 at = min(row, (int4)(row_count - 1)) * heads;
  return (float4)(statistics[at.x], statistics[at.y], statistics[at.z], statistics[at.w]);
}

// Which of the four rows from `row` see key `key`, as a mask for select; under `causal`, query t
// sees keys 0 to t.
static int4 tile_visible(int4 query, int4 key, int keys, int causal) {
  return key < keys && (query >= key || causal == 0);
}
