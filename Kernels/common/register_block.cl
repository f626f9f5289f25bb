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

#include "common/real.cl"

__attribute__((always_inline)) void block_clear(float16 sums[ROWS][VECTORS]) {
#pragma unroll
  for (int i = 0; i < ROWS; i++)
#pragma unroll
    for (int v = 0; v < VECTORS; v++) sums[i][v] = 0.0f;
}

// sums[i][j] += sum over k < depth of
// left[i * left_row + k * left_step] * right[k * right_row + j], for one pair of address spaces.
#define BLOCK_MULTIPLY(LEFT, RIGHT)                                                              \
  void OVERLOADED block_multiply(float16 sums[ROWS][VECTORS], LEFT *left, int left_row,          \
                                 int left_step, RIGHT *right, int right_row, int depth) {        \
    for (int k = 0; k < depth; k++) {                                                            \
      float16 columns[VECTORS];                                                                  \
      _Pragma("unroll") for (int v = 0; v < VECTORS; v++) columns[v] = load16(right + 16 * v);   \
      _Pragma("unroll") for (int i = 0; i < ROWS; i++) {                                         \
        const float16 value = left[(size_t)i * left_row];                                        \
        _Pragma("unroll") for (int v = 0; v < VECTORS; v++) sums[i][v] =                         \
            fma(value, columns[v], sums[i][v]);                                                  \
      }                                                                                          \
      left += left_step;                                                                         \
      right += right_row;                                                                        \
    }                                                                                            \
  }
BLOCK_MULTIPLY(__global const float, __global const float)
BLOCK_MULTIPLY(__global const float, const float)
BLOCK_MULTIPLY(const float, __global const float)
BLOCK_MULTIPLY(const float, __global const half)
BLOCK_MULTIPLY(const float, const float)

// The same of halves. The rows become floats STAGE at a time: one by one would cost more than the
// products.
#define STAGE 128
void OVERLOADED block_multiply(float16 sums[ROWS][VECTORS], __global const half *left,
                               int left_row, int left_step, __global const half *right,
                               int right_row, int depth) {
  float rows[ROWS * STAGE];
  for (int start = 0; start < depth; start += STAGE) {
    const int count = min(STAGE, depth - start);
    const int whole = left_step == 1 ? count / 16 * 16 : 0;
    for (int i = 0; i < ROWS; i++) {
      __global const half *row = left + (size_t)i * left_row;
      for (int k = 0; k < whole; k += 16) store16(load16(row + k), rows + i * STAGE + k);
      for (int k = whole; k < count; k++) rows[i * STAGE + k] = load(row + (size_t)k * left_step);
    }
    block_multiply(sums, rows, STAGE, 1, right, right_row, count);
    left += (size_t)count * left_step;
    right += (size_t)count * right_row;
  }
}

// The block is read from private memory at p, rows `stride` apart, or written there.
__attribute__((always_inline)) void block_load(float16 sums[ROWS][VECTORS], const float *p,
                                               int stride) {
#pragma unroll
  for (int i = 0; i < ROWS; i++)
#pragma unroll
    for (int v = 0; v < VECTORS; v++) sums[i][v] = load16(p + i * stride + 16 * v);
}

__attribute__((always_inline)) void block_store(float16 sums[ROWS][VECTORS], float *p,
                                                int stride) {
#pragma unroll
  for (int i = 0; i < ROWS; i++)
#pragma unroll
    for (int v = 0; v < VECTORS; v++) store16(sums[i][v], p + i * stride + 16 * v);
}
