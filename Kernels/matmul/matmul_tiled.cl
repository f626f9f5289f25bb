// Matrix product on a GPU: out[b, m, n] = EPILOGUE(sum over k of left[b, m, k] * right[b, k, n]).
// left is stored as [m, k] or, with TRANSPOSE_A, [k, m]; right as [k, n] or, with TRANSPOSE_B,
// [n, k]; the matrices of a batch lie left_batch and right_batch elements apart, 0 if shared.
// A work-group computes a TILE x TILE tile: (tiles, batch).

#include "common/numeric.cl"
#include "common/real.cl"
#include "common/tile.cl"

#ifndef TRANSPOSE_A
#define TRANSPOSE_A 0
#endif
#ifndef TRANSPOSE_B
#define TRANSPOSE_B 0
#endif

// Brings rows first .. first + TILE and the slab's part of the contracted axis to `slab[k][row]`,
// zeros where there is none. Neighbouring work-items read along the contiguous axis.
static __attribute__((always_inline)) void load_slab(__local float *slab,
                                                     __global const IN0 *matrix, int first,
                                                     int rows, int start, int depth,
                                                     int depth_is_contiguous) {
  const int id = get_local_id(1) * GROUP + get_local_id(0);
#pragma unroll
  for (int j = 0; j < LOADS; j++) {
    const int element = id + j * GROUP * GROUP;
    const int k = depth_is_contiguous ? element % SLAB : element / TILE;
    const int row = depth_is_contiguous ? element / SLAB : element % TILE;
    float value = 0.0f;
    if (first + row < rows && start + k < depth)
      value = load(matrix + (depth_is_contiguous ? (size_t)(first + row) * depth + start + k
                                                 : (size_t)(start + k) * rows + first + row));
    slab[k * PITCH + row] = value;
  }
}

__kernel __attribute__((reqd_work_group_size(GROUP, GROUP, 1)))
void matmul_tiled(__global const IN0 *restrict left, __global const IN0 *restrict right,
                  __global OUT *restrict out, int rows, int columns, int depth, int left_batch,
                  int right_batch EPILOGUE_PARAMETERS) {
  __local float left_slab[SLAB * PITCH] __attribute__((aligned(16)));
  __local float right_slab[SLAB * PITCH] __attribute__((aligned(16)));
  const int first_row = tile_first_row(columns), first_column = tile_first_column(columns);
  const size_t batch = get_group_id(1);
  left += batch * left_batch;
  right += batch * right_batch;

  float4 sums[WORK][RUNS];
#pragma unroll
  for (int i = 0; i < WORK; i++)
#pragma unroll
    for (int j = 0; j < RUNS; j++) sums[i][j] = 0.0f;

  for (int start = 0; start < depth; start += SLAB) {
    load_slab(left_slab, left, first_row, rows, start, depth, !TRANSPOSE_A);
    load_slab(right_slab, right, first_column, columns, start, depth, TRANSPOSE_B);
    barrier(CLK_LOCAL_MEM_FENCE);
    tile_multiply(sums, left_slab, right_slab);
    barrier(CLK_LOCAL_MEM_FENCE);
  }

#pragma unroll
  for (int i = 0; i < WORK; i++) {
    const int row = first_row + tile_position(i, 1);
    if (row >= rows) continue;
#pragma unroll
    for (int j = 0; j < RUNS; j++) {
      float values[4];
      vstore4(sums[i][j], 0, values);
#pragma unroll
      for (int c = 0; c < 4; c++) {
        const int column = first_column + tile_position(4 * j + c, 0);
        const size_t index = (batch * rows + row) * columns + column;
        if (column < columns) store(EPILOGUE(values[c], index), out + index);
      }
    }
  }
}
