// A block of a matrix product in the registers of one work-item: ROWS rows of 16 * VECTORS columns.
// For CPUs: no local memory, loops over ROWS and VECTORS unroll completely. Always inlined, since
// the sums would go through memory in a call. No entry points.

#ifndef ROWS
#define ROWS 12  // rows of the block
#endif
#ifndef VECTORS
#define VECTORS 2  // vectors of 16 columns
#endif
#define COLUMNS (16 * VECTORS)
#ifndef OPERAND
#define OPERAND float  // what both operands are stored as
#endif

#include "common/real.cl"

__attribute__((always_inline)) void block_clear(float16 sums[ROWS][VECTORS]) {
#pragma unroll
  for (int i = 0; i < ROWS; i++)
#pragma unroll
    for (int v = 0; v < VECTORS; v++) sums[i][v] = 0.0f;
}

// sums[i][j] += sum over k < depth of
// left[i * left_row + k * left_step] * right[k * right_row + j].
__attribute__((always_inline)) void block_multiply(
    float16 sums[ROWS][VECTORS], __global const OPERAND *left, int left_row, int left_step,
    __global const OPERAND *right, int right_row, int depth) {
  for (int k = 0; k < depth; k++) {
    float16 columns[VECTORS];
#pragma unroll
    for (int v = 0; v < VECTORS; v++) columns[v] = load16(right + 16 * v);
#pragma unroll
    for (int i = 0; i < ROWS; i++) {
      const float16 value = load(left + (size_t)i * left_row);
#pragma unroll
      for (int v = 0; v < VECTORS; v++) sums[i][v] = fma(value, columns[v], sums[i][v]);
    }
    left += left_step;
    right += right_row;
  }
}

// Writes the block to private memory, row by row, for element-wise stores.
__attribute__((always_inline)) void block_spill(float16 sums[ROWS][VECTORS], float *values) {
#pragma unroll
  for (int i = 0; i < ROWS; i++)
#pragma unroll
    for (int v = 0; v < VECTORS; v++) vstore16(sums[i][v], i * VECTORS + v, values);
}
