#include "CHostKernels.h"
#include "strassen_tile.h"
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
            cut == &wide, row_factors, column_factors + column * column_sums, place.depth,
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
