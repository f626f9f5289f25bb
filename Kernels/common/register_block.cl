// A block of a matrix product, of one work-item: ROWS rows of 16 * VECTORS columns. For CPUs: no local
// memory, loops over ROWS and VECTORS unroll completely. The block is in registers if it fits, and all
// is inlined then, since the sums would go through memory in a call. No entry points.

#ifndef ROWS
#define ROWS 12  // rows of the block
#endif
#ifndef VECTORS
#define VECTORS 2  // vectors of 16 columns
#endif
#define COLUMNS (16 * VECTORS)
#ifndef REGISTER_FLOATS
#define REGISTER_FLOATS 512  // floats that the vector registers hold
#endif
#define PART_ROWS 6  // of 16 columns, which 16 registers of 8 hold
#ifndef IN_REGISTERS
#define IN_REGISTERS (REGISTER_FLOATS >= 512 || ROWS * VECTORS <= PART_ROWS)
#endif

#ifndef UNROLL_STEPS
#define UNROLL_STEPS  // before the loop over the steps
#endif
#ifndef FETCHED_STEPS
#define FETCHED_STEPS 0  // how far ahead rows of `right` are fetched from beyond the second cache
#endif

#include "common/real.cl"

static __attribute__((always_inline)) void block_clear(float16 sums[ROWS][VECTORS]) {
#pragma unroll
  for (int i = 0; i < ROWS; i++)
#pragma unroll
    for (int v = 0; v < VECTORS; v++) sums[i][v] = 0.0f;
}

// sums[i][j] += sum over k < depth of
// left[i * left_row + k * left_step] * right[k * right_row + j], for one pair of address spaces.
// FETCH brings the rows of `right` nearer that are read next. (Behind the last it may be any address.)
// STEPS_AT_ONCE: how many of those `left` to multiply before something else is done between.
#if IN_REGISTERS
#define STEPS_AT_ONCE(left) 16
#define BLOCK_MULTIPLY(LEFT, RIGHT, FETCH)                                                       \
  void OVERLOADED block_multiply(float16 sums[ROWS][VECTORS], LEFT *left, int left_row,          \
                                 int left_step, RIGHT *right, int right_row, int depth) {        \
    UNROLL_STEPS for (int k = 0; k < depth; k++) {                                               \
      float16 columns[VECTORS];                                                                  \
      _Pragma("unroll") for (int v = 0; v < VECTORS; v++) columns[v] = load16(right + 16 * v);   \
      _Pragma("unroll") for (int v = 0; FETCHED_STEPS > 0 && v < VECTORS; v++)                   \
          FETCH(right + FETCHED_STEPS * right_row + 16 * v);                                     \
      _Pragma("unroll") for (int i = 0; i < ROWS; i++) {                                         \
        const float16 value = left[(size_t)i * left_row];                                        \
        _Pragma("unroll") for (int v = 0; v < VECTORS; v++) sums[i][v] =                         \
            fma(value, columns[v], sums[i][v]);                                                  \
      }                                                                                          \
      left += left_step;                                                                         \
      right += right_row;                                                                        \
    }                                                                                            \
  }
#else
// The block is in memory, and a part of it after the other goes through all steps in registers. Never
// inlined: among a caller's values a part would not stay there.
#define MOST_AT_ONCE 64
#define STEPS_AT_ONCE(left) min(MOST_AT_ONCE, left)
#define BLOCK_MULTIPLY(LEFT, RIGHT, FETCH)                                                       \
  static __attribute__((overloadable, noinline)) void block_multiply(                            \
      float16 sums[ROWS][VECTORS], LEFT *left, int left_row, int left_step, RIGHT *right,        \
      int right_row, int depth) {                                                                \
    _Pragma("unroll") for (int v = 0; v < VECTORS; v++)                                          \
        _Pragma("unroll") for (int first = 0; first < ROWS; first += PART_ROWS) {                \
      LEFT *values = left + (size_t)first * left_row;                                            \
      RIGHT *columns = right + 16 * v;                                                           \
      float16 part[PART_ROWS];                                                                   \
      _Pragma("unroll") for (int i = 0; i < PART_ROWS; i++) if (first + i < ROWS) part[i] =      \
          sums[first + i][v];                                                                    \
      for (int k = 0; k < depth; k++) {                                                          \
        const float16 column = load16(columns);                                                  \
        if (first == 0) FETCH(columns + MOST_AT_ONCE * right_row);                               \
        _Pragma("unroll") for (int i = 0; i < PART_ROWS; i++) if (first + i < ROWS) part[i] =    \
            fma((float16)(values[(size_t)i * left_row]), column, part[i]);                       \
        values += left_step;                                                                     \
        columns += right_row;                                                                    \
      }                                                                                          \
      _Pragma("unroll") for (int i = 0; i < PART_ROWS; i++) if (first + i < ROWS)                \
          sums[first + i][v] = part[i];                                                          \
    }                                                                                            \
  }
#endif
#define IN_CACHE(p)
BLOCK_MULTIPLY(__global const float, __global const float, PREFETCH)
BLOCK_MULTIPLY(__global const float, const float, IN_CACHE)
BLOCK_MULTIPLY(const float, __global const float, PREFETCH)
BLOCK_MULTIPLY(const float, __global const half, PREFETCH)
BLOCK_MULTIPLY(const float, const float, IN_CACHE)

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
static __attribute__((always_inline)) void block_load(float16 sums[ROWS][VECTORS], const float *p,
                                                      int stride) {
#pragma unroll
  for (int i = 0; i < ROWS; i++)
#pragma unroll
    for (int v = 0; v < VECTORS; v++) sums[i][v] = load16(p + i * stride + 16 * v);
}

static __attribute__((always_inline)) void block_store(float16 sums[ROWS][VECTORS], float *p,
                                                       int stride) {
#pragma unroll
  for (int i = 0; i < ROWS; i++)
#pragma unroll
    for (int v = 0; v < VECTORS; v++) store16(sums[i][v], p + i * stride + 16 * v);
}
