#include "tile.h"

#include "CHostKernels.h"

/// Steps of B that are fetched ahead, as a panel may come from beyond the second cache at a pace that
/// the processor's own fetching does not manage.
enum { fetched_steps = 16 };

/// Defines `name`, which computes `ROWS` × (`VECTORS` vectors) of a product in registers.
#define DEFINE_BLOCK(name, vector, vector_any, ROWS, VECTORS) \
  INLINE void name( \
      const float *a, int64_t stride_a, const float *b, float *c, int64_t stride_c, \
      int64_t depth, int adds) { \
    enum { width = sizeof(vector) / sizeof(float) }; \
    vector sums[ROWS][VECTORS]; \
    _Pragma("unroll") for (int i = 0; i < ROWS; i++) { \
      _Pragma("unroll") for (int j = 0; j < VECTORS; j++) { \
        sums[i][j] = adds ? *(const vector_any *)(c + i * stride_c + j * width) : (vector){0}; \
      } \
    } \
    for (int64_t k = 0; k < depth; k++) { \
      vector columns[VECTORS]; \
      _Pragma("unroll") for (int j = 0; j < VECTORS; j++) { \
        const float *column = b + k * TILE_COLUMNS + j * width; \
        columns[j] = *(const vector_any *)column; \
        __builtin_prefetch(column + fetched_steps * TILE_COLUMNS); \
      } \
      _Pragma("unroll") for (int i = 0; i < ROWS; i++) { \
        const float row = a[i * stride_a + k]; \
        _Pragma("unroll") for (int j = 0; j < VECTORS; j++) sums[i][j] += row * columns[j]; \
      } \
    } \
    _Pragma("unroll") for (int i = 0; i < ROWS; i++) { \
      _Pragma("unroll") for (int j = 0; j < VECTORS; j++) { \
        *(vector_any *)(c + i * stride_c + j * width) = sums[i][j]; \
      } \
    } \
  }

/// Defines `name`, which walks a product in such blocks, panel by panel, and the rows that are left
/// of every TILE_ROWS in blocks of ROW_STEP.
#define DEFINE_MULTIPLY(name, block, rest, vector, ROWS, VECTORS) \
  static void name( \
      const float *a, int64_t stride_a, const float *b, float *c, int64_t stride_c, int64_t rows, \
      int64_t columns, int64_t depth, int adds) { \
    enum { width = VECTORS * sizeof(vector) / sizeof(float) }; \
    _Static_assert(TILE_ROWS % (ROWS) == 0 && TILE_ROWS % ROW_STEP == 0, "blocks fill a tile"); \
    const int64_t whole = rows / TILE_ROWS * TILE_ROWS; \
    for (int64_t panel = 0; panel < columns; panel += TILE_COLUMNS) { \
      for (int64_t column = 0; column < TILE_COLUMNS; column += width) { \
        const float *right = b + panel * depth + column; \
        float *out = c + panel + column; \
        int64_t row = 0; \
        for (; row < whole; row += ROWS) { \
          block(a + row * stride_a, stride_a, right, out + row * stride_c, stride_c, depth, adds); \
        } \
        for (; row < rows; row += ROW_STEP) { \
          rest(a + row * stride_a, stride_a, right, out + row * stride_c, stride_c, depth, adds); \
        } \
      } \
    } \
  }

DEFINE_BLOCK(block_baseline, vec4, vec4_any, 6, 2)
DEFINE_BLOCK(rest_baseline, vec4, vec4_any, ROW_STEP, 2)
DEFINE_MULTIPLY(multiply_baseline, block_baseline, rest_baseline, vec4, 6, 2)

#if HAS_LEVELS
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
DEFINE_BLOCK(block_level3, vec8, vec8_any, 6, 2)
DEFINE_BLOCK(rest_level3, vec8, vec8_any, ROW_STEP, 2)
DEFINE_MULTIPLY(multiply_level3, block_level3, rest_level3, vec8, 6, 2)
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f"))), apply_to = function)
DEFINE_BLOCK(block_level4, vec16, vec16_any, 12, 2)
DEFINE_BLOCK(rest_level4, vec16, vec16_any, ROW_STEP, 2)
DEFINE_MULTIPLY(multiply_level4, block_level4, rest_level4, vec16, 12, 2)
#pragma clang attribute pop
#endif

int tessera_best_level(void) {
#if HAS_LEVELS
  if (__builtin_cpu_supports("avx512f")) return 2;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return 1;
#endif
  return 0;
}

void tessera_multiply_tiles(
    int level, const float *a, int64_t stride_a, const float *b, float *c, int64_t stride_c,
    int64_t rows, int64_t columns, int64_t depth, int adds) {
#if HAS_LEVELS
  if (level == 2) {
    multiply_level4(a, stride_a, b, c, stride_c, rows, columns, depth, adds);
    return;
  }
  if (level == 1) {
    multiply_level3(a, stride_a, b, c, stride_c, rows, columns, depth, adds);
    return;
  }
#endif
  multiply_baseline(a, stride_a, b, c, stride_c, rows, columns, depth, adds);
}

void multiply_tiles(
    const float *a, int64_t stride_a, const float *b, float *c, int64_t stride_c, int64_t rows,
    int64_t columns, int64_t depth, int adds) {
  tessera_multiply_tiles(
      tessera_best_level(), a, stride_a, b, c, stride_c, rows, columns, depth, adds);
}
