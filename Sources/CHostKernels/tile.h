#pragma once

#include "vector.h"

// Matrix products by register blocks of TILE_ROWS rows and panels of TILE_COLUMNS columns, whose
// sizes suit the 32 registers of AVX-512 and divide for the 16 of AVX2. Rows come in multiples of
// ROW_STEP.

#define TILE_ROWS 12
#define TILE_COLUMNS 32
#define ROW_STEP 4

/// `count` rounded up to what products take.
#define WHOLE_ROWS(count) (((count) + ROW_STEP - 1) / ROW_STEP * ROW_STEP)
#define WHOLE_COLUMNS(count) (((count) + TILE_COLUMNS - 1) / TILE_COLUMNS * TILE_COLUMNS)

/// tessera_multiply_tiles() at the best level. `rows` is a multiple of ROW_STEP, `columns` of
/// TILE_COLUMNS.
void multiply_tiles(
    const float *a, int64_t stride_a, const float *b, float *c, int64_t stride_c, int64_t rows,
    int64_t columns, int64_t depth, int adds);
