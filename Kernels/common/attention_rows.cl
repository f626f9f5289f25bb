// Blocks of attention for CPUs: one work-item takes up to BLOCK rows of one side and streams the
// other COLS rows at a time, as columns; no entry points. Rows are DEPTH values, a multiple of 16,
// `stride` apart; all tensors are stored as IN0. Columns whose products with rows are wanted are
// brought into panels first: [DEPTH][COLUMNS]. Meanwhile the rows that are read next are fetched.
// Behind a block's row lies the next head's, which the core takes next: it is fetched too.

#include "common/register_block.cl"
#include "common/transpose.cl"
#include "common/vector.cl"

#ifndef DEPTH
#define DEPTH 64  // length of a row
#endif
#ifndef TILES
#define TILES 1  // register blocks of a work-item, below each other
#endif
#define BLOCK (ROWS * TILES)
#define COLS 64
#define PANEL (DEPTH * COLUMNS)
#define LANE ((int16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15))

// panel[d * COLUMNS + c] = element d of column c, for the COLUMNS columns from `first` on; 0 from
// `count` on. Fetches as many rows of `next`.
static void pack_panel(__global const IN0 *columns, __global const IN0 *next, int first, int count,
                       int stride, float *panel) {
  for (int v = 0; v < VECTORS; v++)
    for (int d = 0; d < DEPTH; d += 16) {
      float16 block[16];
#pragma unroll
      for (int i = 0; i < 16; i++) {
        const int c = first + 16 * v + i;
        block[i] = c < count ? load16(columns + (size_t)c * stride + d) : 0.0f;
        PREFETCH(next + (size_t)c * stride + d);
      }
      transpose(block);
#pragma unroll
      for (int i = 0; i < 16; i++) store16(block[i], panel + (d + i) * COLUMNS + 16 * v);
    }
}

// Where the block of a work-item begins whose own rows begin at `first`: a block that is not whole
// begins earlier, and overlaps the one before.
static int block_start(int first, int rows) { return min(first, max(rows - BLOCK, 0)); }

// The rows of the block as floats, one after the other.
static void load_rows(__global const IN0 *rows, int row_count, int stride, float *values) {
  for (int r = 0; r < row_count; r++)
    for (int d = 0; d < DEPTH; d += 16) {
      store16(load16(rows + (size_t)r * stride + d), values + r * DEPTH + d);
      PREFETCH(rows + (size_t)r * stride + d + DEPTH);
    }
}

// scores[r * COLS + c] = row r . column c. There are at least ROWS rows; the last tile may overlap
// the one before. Of columns past the count, those of the last panel have score 0, and nothing is
// said of the others. `next`, rows as far apart, are read next.
static void row_scores(const float *rows, int row_count, __global const IN0 *columns,
                       __global const IN0 *next, int col_count, int stride, float *scores) {
  float panel[PANEL];
  for (int start = 0; start < col_count; start += COLUMNS) {
    pack_panel(columns, next, start, col_count, stride, panel);
    for (int t = 0; t < TILES; t++) {
      if (t * ROWS >= row_count) break;
      const int first = min(t * ROWS, row_count - ROWS);
      float16 sums[ROWS][VECTORS];
      block_clear(sums);
      block_multiply(sums, rows + first * DEPTH, DEPTH, 1, panel, COLUMNS, DEPTH);
      block_store(sums, scores + first * COLS + start, COLS);
    }
  }
}

// acc[r * DEPTH + d] += sum over columns of weights[r * COLS + c] * column c, for whole tiles.
static void row_accumulate(float *acc, const float *weights, int row_count,
                           __global const IN0 *cols, int col_count, int stride) {
  for (int d = 0; d < DEPTH; d += COLUMNS) {
    for (int t = 0; t < TILES; t++) {
      if (t * ROWS >= row_count) break;
      float *target = acc + t * ROWS * DEPTH + d;
      float16 sums[ROWS][VECTORS];
      block_load(sums, target, DEPTH);
      block_multiply(sums, weights + t * ROWS * COLS, COLS, 1, cols + d, stride, col_count);
      block_store(sums, target, DEPTH);
    }
  }
}

// Writes the sums, each row times its factor, from row `first` on to the rows that exist.
static void row_write(const float *acc, const float *factors, __global OUT *rows, int first,
                      int row_count, int stride) {
  for (int r = first; r < row_count; r++)
    for (int d = 0; d < DEPTH; d += 16)
      store16(load16(acc + r * DEPTH + d) * factors[r], rows + (size_t)r * stride + d);
}

// Replaces the COLS scores of a row by e^(scale * score - maximum), and by 0 from `limit` on;
// brings `maximum` and `total` up to date and returns what earlier sums are to be scaled by.
static float row_softmax(float *scores, int limit, float scale, float *maximum, float *total) {
  float16 largest = -INFINITY;
  for (int c = 0; c < COLS; c += 16) {
    const int16 column = c + LANE;
    const float16 score =
        select((float16)(-INFINITY), scale * load16(scores + c), column < limit);
    store16(score, scores + c);
    largest = fmax(largest, score);
  }
  const float next = fmax(*maximum, largest16(largest));
  const float factor = exp(*maximum - next);
  float16 sum = 0.0f;
  for (int c = 0; c < COLS; c += 16) {
    const float16 weight = exp(load16(scores + c) - next);
    store16(weight, scores + c);
    sum += weight;
  }
  *total = *total * factor + sum16(sum);
  *maximum = next;
  return factor;
}

// Replaces the COLS scores of a row by e^(scale * score - log_sum of the column), and by 0 outside
// start ..< end.
static void row_probabilities(float *scores, int start, int end, float scale,
                              const float *log_sums) {
  for (int c = 0; c < COLS; c += 16) {
    const int16 column = c + LANE;
    const float16 weight = exp(scale * load16(scores + c) - load16(log_sums + c));
    store16(select((float16)(0.0f), weight, column >= start && column < end), scores + c);
  }
}

// weights *= slopes - means, over the COLS of a row.
static void row_slopes(float *weights, const float *slopes, const float *means) {
  for (int c = 0; c < COLS; c += 16)
    store16(load16(weights + c) * (load16(slopes + c) - load16(means + c)),
            weights + c);
}

// Statistics [.., heads] of the columns; 0 for those past the count.
static void col_statistics(__global const float *statistics, int col_count, int heads,
                           float *values) {
  for (int c = 0; c < COLS; c++)
    values[c] = c < col_count ? statistics[(size_t)c * heads] : 0.0f;
}
