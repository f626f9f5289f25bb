#include "strassen_tile.h"

#include "CHostKernels.h"
#include "tile.h"
#include "transpose.h"

// MARK: sums of B

/// 16 steps of 16 columns of B.
INLINE void load_block(const float *b, int64_t step_k, int64_t step_n, vec16 block[lanes]) {
  const int64_t stride = step_n == 1 ? step_k : step_n;
  _Pragma("unroll") for (int i = 0; i < lanes; i++) block[i] = LOAD16(b + i * stride);
  if (step_n != 1) transpose_vectors(block);
}

FOR_ALL_LEVELS void combine_columns(
    const float *b, int64_t step_k, int64_t step_n, int64_t width, int64_t depth, float *sums) {
  const int64_t size = depth * width;
  for (int64_t k = 0; k < depth; k += lanes) {
    for (int64_t column = 0; column < width; column += lanes) {
      const float *left = b + k * step_k + column * step_n;
      const float *right = left + width * step_n;
      vec16 b11[lanes], b12[lanes], b21[lanes], b22[lanes];
      load_block(left, step_k, step_n, b11);
      load_block(right, step_k, step_n, b12);
      load_block(left + depth * step_k, step_k, step_n, b21);
      load_block(right + depth * step_k, step_k, step_n, b22);
      for (int i = 0; i < lanes; i++) {
        float *at = sums + (k + i) * width + column;
        const vec16 t1 = b12[i] - b11[i], t2 = b22[i] - t1;
        STORE16(at, b11[i]);
        STORE16(at + size, b21[i]);
        STORE16(at + 2 * size, t2);
        STORE16(at + 3 * size, t1);
        STORE16(at + 4 * size, b22[i]);
        STORE16(at + 5 * size, b22[i] - b12[i]);
        STORE16(at + 6 * size, b21[i] - t2);
      }
    }
  }
}

// MARK: what is done between multiply-adds

/// Left factors of the products [7][block_rows][line], for 16 steps of one row of each half.
INLINE void combine_rows(upcoming *it) {
  if (it->a_rows == 0) return;
  const int64_t depth = it->depth, stride = it->a_stride;
  const float *top = it->a + it->step, *bottom = top + it->block_rows * stride;
  const int64_t row_sums = it->block_rows * line;
  float *at = it->sums + it->step;
  const vec16 a11 = LOAD16(top), a12 = LOAD16(top + depth);
  const vec16 a21 = LOAD16(bottom), a22 = LOAD16(bottom + depth);
  const vec16 s1 = a21 + a22, s2 = s1 - a11;
  STORE16(at, a11);
  STORE16(at + row_sums, a12);
  STORE16(at + 2 * row_sums, s2);
  STORE16(at + 3 * row_sums, s1);
  STORE16(at + 4 * row_sums, a12 - s2);
  STORE16(at + 5 * row_sums, a11 - a21);
  STORE16(at + 6 * row_sums, a22);
  // The row that follows, here or in the tile below.
  const int64_t ahead = it->a_rows == 1 ? (it->block_rows + 1) * stride : stride;
  __builtin_prefetch(top + ahead);
  __builtin_prefetch(top + ahead + depth);
  __builtin_prefetch(bottom + ahead);
  __builtin_prefetch(bottom + ahead + depth);
  it->step += lanes;
  if (it->step < depth) return;
  it->step = 0;
  it->a += stride;
  it->sums += line;
  it->a_rows--;
}

FOR_ALL_LEVELS void combine_all_rows(upcoming *it) {
  while (it->a_rows > 0) combine_rows(it);
}

/// Fetches four lines of B.
INLINE void fetch_columns(upcoming *it) {
  if (it->b_rows == 0) return;
  const float *b = it->b + it->b_column;
  for (int i = 0; i < 4; i++) __builtin_prefetch(b + i * lanes, 0, 2);
  it->b_column += 4 * lanes;
  if (it->b_column < it->b_width) return;
  it->b_column = 0;
  it->b += it->b_stride;
  it->b_rows--;
}

// MARK: the seven products

#define EACH(ROWS, VECTORS) \
  _Pragma("unroll") for (int i = 0; i < ROWS; i++) \
  _Pragma("unroll") for (int j = 0; j < VECTORS; j++)

/// Stores `value` at `c`, or adds it.
#define EMIT(c, value, vector_any, ROWS, VECTORS) \
  if (adds) { \
    EACH(ROWS, VECTORS) { \
      vector_any *at = (vector_any *)(c + i * stride + j * width); \
      *at = *at + (value); \
    } \
  } else { \
    EACH(ROWS, VECTORS) *(vector_any *)(c + i * stride + j * width) = (value); \
  }

/// Defines `name`, which computes a tile of C, or adds to it, from the factors of its products, its
/// blocks of `BLOCK_ROWS` × `BLOCK_COLUMNS` in parts of `ROWS` × (`VECTORS` vectors). Where registers
/// are left, `AMID` is done on the way.
#define DEFINE_TILE(name, vector, vector_any, BLOCK_ROWS, BLOCK_COLUMNS, ROWS, VECTORS, AMID) \
  /* sums += s t. What is stored next, at `c`, comes to the caches first; later products push it \
     out of the first one. */ \
  INLINE void name##_product( \
      vector sums[ROWS][VECTORS], const float *s, const float *t, int64_t depth, const float *c, \
      int64_t stride, upcoming *next) { \
    enum { width = sizeof(vector) / sizeof(float) }; \
    for (int64_t first = 0; first < depth; first += lanes) { \
      AMID; \
      if (c && (first == 0 || first == depth - lanes)) { \
        EACH(ROWS, VECTORS) __builtin_prefetch(c + i * stride + j * width, 1); \
      } \
      _Pragma("unroll 2") for (int64_t k = first; k < first + lanes; k++) { \
        vector columns[VECTORS]; \
        _Pragma("unroll") for (int j = 0; j < VECTORS; j++) { \
          columns[j] = *(const vector_any *)(t + k * BLOCK_COLUMNS + j * width); \
        } \
        _Pragma("unroll") for (int i = 0; i < ROWS; i++) { \
          const float row = s[i * line + k]; \
          _Pragma("unroll") for (int j = 0; j < VECTORS; j++) sums[i][j] += row * columns[j]; \
        } \
      } \
    } \
  } \
\
  static void name( \
      const float *s, const float *t, int64_t depth, float *c, int64_t stride, int adds, \
      upcoming *next) { \
    enum { width = sizeof(vector) / sizeof(float), row_sums = BLOCK_ROWS * line }; \
    const int64_t size = depth * BLOCK_COLUMNS; \
    for (int64_t row = 0; row < BLOCK_ROWS; row += ROWS) { \
      for (int64_t column = 0; column < BLOCK_COLUMNS; column += VECTORS * width) { \
        const float *left = s + row * line, *right = t + column; \
        float *c11 = c + row * stride + column, *c12 = c11 + BLOCK_COLUMNS; \
        float *c21 = c11 + BLOCK_ROWS * stride, *c22 = c21 + BLOCK_COLUMNS; \
        vector sums[ROWS][VECTORS], u2[ROWS][VECTORS], u4[ROWS][VECTORS]; \
        EACH(ROWS, VECTORS) sums[i][j] = (vector){0}; \
        name##_product(sums, left, right, depth, NULL, 0, next); \
        EACH(ROWS, VECTORS) u2[i][j] = sums[i][j]; \
        name##_product(sums, left + row_sums, right + size, depth, c11, stride, next); \
        EMIT(c11, sums[i][j], vector_any, ROWS, VECTORS) \
        EACH(ROWS, VECTORS) sums[i][j] = u2[i][j]; \
        name##_product(sums, left + 2 * row_sums, right + 2 * size, depth, NULL, 0, next); \
        EACH(ROWS, VECTORS) u2[i][j] = sums[i][j]; \
        name##_product(sums, left + 3 * row_sums, right + 3 * size, depth, NULL, 0, next); \
        EACH(ROWS, VECTORS) u4[i][j] = sums[i][j]; \
        name##_product(sums, left + 4 * row_sums, right + 4 * size, depth, c12, stride, next); \
        EMIT(c12, sums[i][j], vector_any, ROWS, VECTORS) \
        EACH(ROWS, VECTORS) sums[i][j] = (vector){0}; \
        name##_product(sums, left + 5 * row_sums, right + 5 * size, depth, c22, stride, next); \
        EMIT(c22, sums[i][j] + u4[i][j], vector_any, ROWS, VECTORS) \
        EACH(ROWS, VECTORS) sums[i][j] += u2[i][j]; \
        name##_product(sums, left + 6 * row_sums, right + 6 * size, depth, c21, stride, next); \
        EMIT(c21, sums[i][j], vector_any, ROWS, VECTORS) \
      } \
    } \
  }

DEFINE_TILE(tile_baseline, vec4, vec4_any, TILE_ROWS, TILE_COLUMNS, 6, 2, (void)next)

#if HAS_LEVELS
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
DEFINE_TILE(tile_level3, vec8, vec8_any, TILE_ROWS, TILE_COLUMNS, 6, 2, (void)next)
#pragma clang attribute pop

#define AMID (combine_rows(next), fetch_columns(next))
#pragma clang attribute push(__attribute__((target("avx512f"))), apply_to = function)
DEFINE_TILE(tile_level4, vec16, vec16_any, TILE_ROWS, TILE_COLUMNS, 12, 2, AMID)
DEFINE_TILE(tile_level4_wide, vec16, vec16_any, WIDE_ROWS, WIDE_COLUMNS, 6, 4, AMID)
#pragma clang attribute pop
#endif

void multiply_tile(
    int is_wide, const float *s, const float *t, int64_t depth, float *c, int64_t stride, int adds,
    upcoming *next) {
#if HAS_LEVELS
  const int level = tessera_best_level();
  if (level == 2 && is_wide) {
    tile_level4_wide(s, t, depth, c, stride, adds, next);
    return;
  }
  if (level == 2) {
    tile_level4(s, t, depth, c, stride, adds, next);
    return;
  }
  if (level == 1) {
    tile_level3(s, t, depth, c, stride, adds, next);
    return;
  }
#endif
  tile_baseline(s, t, depth, c, stride, adds, next);
}
