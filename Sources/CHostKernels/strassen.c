#include "CHostKernels.h"
#include "tile.h"

// One level of Strassen's algorithm in Winograd's form, inside tiles that stay in the caches: with
// the operands and the result cut into quarters,
//
//   s1 = a21 + a22   t1 = b12 − b11   u2 = a11 b11 + s2 t2   c11 = a11 b11 + a12 b21
//   s2 = s1 − a11    t2 = b22 − t1    u4 = u2 + s1 t1        c12 = u4 + s4 b22
//   s3 = a11 − a21   t3 = b22 − b12   p7 = s3 t3             c22 = u4 + p7
//   s4 = a12 − s2    t4 = b21 − t2                           c21 = u2 + p7 + a22 t4
//
// A tile of the result has 2 × 2 blocks that fill the vector registers; the contracted axis is walked
// in chunks of two halves. A part of the result is a group of columns of tiles: for each chunk the
// sums of B are made once, and for each row of tiles those of A. The latter are made, and what is
// read next is fetched, between the multiply-adds of the tiles before, where stores and waiting cost
// little.

enum {
  lanes = 16,
  products = 7,
  /// Steps in half a chunk: so many that products begin and end seldom.
  most_depth = 192, least_depth = 96,
  /// Floats between rows of the sums of A, such that cache lines of a column do not collide.
  line = most_depth + lanes,
  /// Rows of the result during which the next chunk of B comes to the second cache.
  fetching_rows = 144,
  /// Rows of the result that sums of B are made for at least.
  least_share = 384,
};

/// How the result is cut.
typedef struct {
  /// Of a block; a tile has 2 × 2 of them.
  int64_t rows, columns;
  /// Steps in half a chunk at most. A block of B fits into a core's first cache, and the sums of B
  /// into the second.
  int64_t most_depth;
  /// Columns of tiles in a part: the more share the sums of A, the better.
  int64_t most_group, least_group;
} cut;

#define WIDE_ROWS 6
#define WIDE_COLUMNS 64
static const cut narrow = {TILE_ROWS, TILE_COLUMNS, most_depth, 3, 2};
/// With fewer loads for its products: Intel's cores begin two of them a cycle, and little beside.
static const cut wide = {WIDE_ROWS, WIDE_COLUMNS, 128, 2, 1};

int tessera_strassen_suits_wide_blocks(void) {
#if HAS_LEVELS
  return tessera_best_level() == 2 && __builtin_cpu_is("intel");
#else
  return 0;
#endif
}

static int64_t minimum(int64_t a, int64_t b) { return a < b ? a : b; }

/// Steps in half a chunk: the most that divide the contracted axis; 0 if there are none.
static int64_t half_chunk(const tessera_strassen_shape *it, const cut *cut) {
  for (int64_t depth = cut->most_depth; depth >= least_depth; depth -= lanes) {
    if (it->depth % (2 * depth) == 0) return depth;
  }
  return 0;
}

/// Columns of a part; 0 if the columns of the result do not divide.
static int64_t part_columns(const tessera_strassen_shape *it, const cut *cut) {
  for (int64_t group = cut->most_group; group >= cut->least_group; group--) {
    if (it->columns % (group * 2 * cut->columns) == 0) return group * 2 * cut->columns;
  }
  return 0;
}

static int fits(const tessera_strassen_shape *it, const cut *cut) {
  return it->rows >= 2 * cut->rows && it->columns > 0 && part_columns(it, cut) > 0
      && half_chunk(it, cut) > 0;
}

static const cut *cut_of(const tessera_strassen_shape *it) {
  return it->wide_blocks && tessera_best_level() == 2 && fits(it, &wide) ? &wide : &narrow;
}

static int64_t tile_row_count(const tessera_strassen_shape *it, const cut *cut) {
  return (it->rows + 2 * cut->rows - 1) / (2 * cut->rows);
}

/// How many parts share the rows of a group of columns: as few as give each thread two parts.
static int64_t shares_of(const tessera_strassen_shape *it, const cut *cut) {
  const int64_t groups = it->columns / part_columns(it, cut);
  const int64_t wanted = (2 * it->threads + groups - 1) / groups;
  const int64_t most = 2 * cut->rows * tile_row_count(it, cut) / least_share;
  return most < 1 ? 1 : minimum(wanted, most);
}

int tessera_strassen_fits(const tessera_strassen_shape *it) { return fits(it, cut_of(it)); }

int64_t tessera_strassen_parts(const tessera_strassen_shape *it) {
  const cut *cut = cut_of(it);
  return it->columns / part_columns(it, cut) * shares_of(it, cut);
}

size_t tessera_strassen_scratch_count(const tessera_strassen_shape *it) {
  const cut *cut = cut_of(it);
  const size_t columns = part_columns(it, cut);
  return products * half_chunk(it, cut) * columns / 2 + 2 * products * cut->rows * line
      + 2 * cut->rows * columns;
}

// MARK: sums of B

/// Exchanges rows and columns.
INLINE void transpose(vec16 block[lanes]) {
  for (int round = 0; round < 4; round++) {
    vec16 next[lanes];
    _Pragma("unroll") for (int i = 0; i < lanes / 2; i++) {
      const vec16 a = block[i], b = block[i + lanes / 2];
      next[2 * i] = __builtin_shufflevector(
          a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      next[2 * i + 1] = __builtin_shufflevector(
          a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    }
    _Pragma("unroll") for (int i = 0; i < lanes; i++) block[i] = next[i];
  }
}

/// 16 steps of 16 columns of B.
INLINE void load_block(const float *b, int64_t step_k, int64_t step_n, vec16 block[lanes]) {
  const int64_t stride = step_n == 1 ? step_k : step_n;
  _Pragma("unroll") for (int i = 0; i < lanes; i++) block[i] = LOAD16(b + i * stride);
  if (step_n != 1) transpose(block);
}

/// Right factors of the products of a tile, [7][depth][width], for a chunk that starts at `b`.
FOR_ALL_LEVELS static void combine_columns(
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

/// What the products after those of a tile need.
typedef struct {
  /// The next row of A's upper half, 16 steps of it from `step` on, and where its sums go.
  const float *a;
  float *sums;
  int64_t block_rows, a_stride, depth, step, a_rows;
  /// The next lines of B that come to the second cache.
  const float *b;
  int64_t b_stride, b_width, b_column, b_rows;
} upcoming;

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

FOR_ALL_LEVELS static void combine_all_rows(upcoming *it) {
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

static void multiply_tile(
    const cut *cut, const float *s, const float *t, int64_t depth, float *c, int64_t stride,
    int adds, upcoming *next) {
#if HAS_LEVELS
  const int level = tessera_best_level();
  if (level == 2 && cut == &wide) {
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

// MARK: parts

/// A part, with its place in the result and in B.
typedef struct {
  const cut *cut;
  int64_t depth;
  int64_t first_row, end_row;  // of tiles
  int64_t columns, first_column;
  const float *b;
} part_place;

static part_place place_of(const tessera_strassen_shape *it, int64_t part, const float *b) {
  const cut *cut = cut_of(it);
  const int64_t columns = part_columns(it, cut), rows = tile_row_count(it, cut);
  const int64_t shares = shares_of(it, cut), share = part % shares;
  const int64_t first_column = part / shares * columns;
  return (part_place){
      cut, half_chunk(it, cut), rows * share / shares, rows * (share + 1) / shares, columns,
      first_column, b + first_column * it->step_n};
}

/// Has a chunk of B fetched that starts at `b`.
static void fetch_chunk(
    const tessera_strassen_shape *it, const part_place *place, const float *b, upcoming *next) {
  const int rows_are_steps = it->step_n == 1;
  next->b = b;
  next->b_stride = rows_are_steps ? it->step_k : it->step_n;
  next->b_width = rows_are_steps ? place->columns : 2 * place->depth;
  next->b_rows = rows_are_steps ? 2 * place->depth : place->columns;
  next->b_column = 0;
}

/// Has the factors made of the row of tiles that is number `row`, for the chunk from step `k` on.
static void combine_next(
    const tessera_strassen_shape *it, const float *a, int64_t row, int64_t k, float *sums,
    upcoming *next) {
  // The last rows of tiles overlap where they would reach beyond the end.
  const int64_t tile_rows = 2 * next->block_rows;
  next->a = a + minimum(row * tile_rows, it->rows - tile_rows) * it->depth + k;
  next->sums = sums;
  next->step = 0;
  next->a_rows = next->block_rows;
}

void tessera_strassen_part(
    const tessera_strassen_shape *it, int64_t part, int64_t next_part, const float *a,
    const float *b, float *c, float *scratch) {
  const part_place place = place_of(it, part, b);
  const cut *cut = place.cut;
  const int64_t tile_rows = 2 * cut->rows, tile_columns = 2 * cut->columns;
  const int64_t row_sums = products * cut->rows * line, column_sums = products * place.depth / 2;
  const int64_t chunk = 2 * place.depth;
  float *const column_factors = scratch;
  float *row_factors = scratch + place.columns * column_sums;
  float *next_row_factors = row_factors + row_sums;
  // Of the last row of tiles, which has rows that belong to the one above.
  float *rest = row_factors + 2 * row_sums;
  upcoming next = {.block_rows = cut->rows, .depth = place.depth, .a_stride = it->depth};
  combine_next(it, a, place.first_row, 0, row_factors, &next);
  combine_all_rows(&next);
  for (int64_t k = 0; k < it->depth; k += chunk) {
    const int is_last_chunk = k + chunk == it->depth;
    for (int64_t column = 0; column < place.columns; column += tile_columns) {
      combine_columns(
          place.b + k * it->step_k + column * it->step_n, it->step_k, it->step_n, cut->columns,
          place.depth, column_factors + column * column_sums);
    }
    for (int64_t row = place.first_row; row < place.end_row; row++) {
      if (row + 1 < place.end_row) {
        combine_next(it, a, row + 1, k, next_row_factors, &next);
      } else if (!is_last_chunk) {
        combine_next(it, a, place.first_row, k + chunk, next_row_factors, &next);
      }
      if (row + fetching_rows / tile_rows == place.end_row) {
        if (!is_last_chunk) {
          fetch_chunk(it, &place, place.b + (k + chunk) * it->step_k, &next);
        } else if (next_part < tessera_strassen_parts(it)) {
          fetch_chunk(it, &place, place_of(it, next_part, b).b, &next);
        }
      }
      const int64_t left = it->rows - row * tile_rows;
      const int is_rest = left < tile_rows;
      float *target = c + row * tile_rows * it->columns + place.first_column;
      for (int64_t column = 0; column < place.columns; column += tile_columns) {
        multiply_tile(
            cut, row_factors, column_factors + column * column_sums, place.depth,
            (is_rest ? rest : target) + column, is_rest ? place.columns : it->columns, k > 0, &next);
      }
      combine_all_rows(&next);
      for (int64_t i = 0; is_rest && is_last_chunk && i < left; i++) {
        memcpy(
            target + i * it->columns, rest + (tile_rows - left + i) * place.columns,
            place.columns * sizeof *rest);
      }
      float *const made = next_row_factors;
      next_row_factors = row_factors;
      row_factors = made;
    }
  }
}
