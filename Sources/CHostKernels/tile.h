#pragma once

#include "vector.h"

// Matrix products by register blocks: rows come in multiples of TILE_ROWS, columns in panels of
// TILE_COLUMNS, whose sizes suit the 32 registers of AVX-512 and divide for the 16 of AVX2.

#define TILE_ROWS 12
#define TILE_COLUMNS 32

/// `count` rounded up to whole tiles.
#define WHOLE_ROWS(count) (((count) + TILE_ROWS - 1) / TILE_ROWS * TILE_ROWS)
#define WHOLE_COLUMNS(count) (((count) + TILE_COLUMNS - 1) / TILE_COLUMNS * TILE_COLUMNS)

/// C = A B, or C += A B if `adds`. A is `rows` × `depth` with rows `stride_a` apart; B is panels
/// [columns / TILE_COLUMNS][depth][TILE_COLUMNS]; C is `rows` × `columns` with rows `stride_c`
/// apart. `rows` and `columns` are whole tiles.
void multiply_tiles(
    const float *a, int64_t stride_a, const float *b, float *c, int64_t stride_c, int64_t rows,
    int64_t columns, int64_t depth, int adds);
