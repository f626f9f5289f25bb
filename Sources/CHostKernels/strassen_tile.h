#pragma once

#include "vector.h"

// A tile of a product by Strassen's algorithm (strassen.c): the sums that are the factors of its seven
// products, and the products.

enum {
  lanes = 16,
  products = 7,
  /// Steps in half a chunk: so many that products begin and end seldom.
  most_depth = 192, least_depth = 96,
  /// Floats between rows of the sums of A, such that cache lines of a column do not collide.
  line = most_depth + lanes,
};

// A block of few rows and many columns, for AVX-512.
#define WIDE_ROWS 6
#define WIDE_COLUMNS 64

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

/// Right factors of the products of a tile, [7][depth][width], for a chunk that starts at `b`.
void combine_columns(
    const float *b, int64_t step_k, int64_t step_n, int64_t width, int64_t depth, float *sums);

/// Makes the left factors that are still to be made.
void combine_all_rows(upcoming *it);

/// Computes a tile of C, or adds to it, from the factors `s` of its rows and `t` of its columns, of
/// wide blocks or of TILE_ROWS × TILE_COLUMNS.
void multiply_tile(
    int is_wide, const float *s, const float *t, int64_t depth, float *c, int64_t stride, int adds,
    upcoming *next);
