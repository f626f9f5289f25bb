// Matrix product on a CPU by one level of Strassen's algorithm, in Winograd's form of 7 products
// and 15 sums: out[m, n] = EPILOGUE(sum over k of left[m, k] * right[k, n]).
// left: rows `left_row` apart, at least HEIGHT. right: element (k, n) at k * right_step + n *
// right_column, one of which is 1. `depth` is a multiple of 2 * DEPTH, `columns` of PAIRS * WIDTH.
// A tile of the output is 2 x 2 register blocks, to which 2 x 2 blocks of DEPTH steps of either
// operand are added at a time. Work-items take pieces, of which a group of PAIRS tiles side by side
// has `group_pieces` below each other, of at most `most_tiles` tiles. Sums of the group's columns are
// made for a piece and stay in the core's second cache; sums of a tile's rows are made once for the
// group. Both, and PAIRS tiles for each of the piece, whose depth is not yet walked, are in the
// work-item's own part of `scratch`. The last tile of all rows overlaps the one before.

#include "common/numeric.cl"
#include "common/pieces.cl"
// With few registers, what is put aside of three products would be kept there instead of a sum.
#define IN_REGISTERS (REGISTER_FLOATS >= 512)
// The loop itself takes 3 of 41 instructions a step, which counts where a core begins 4 a cycle.
#define UNROLL_STEPS _Pragma("unroll 2")
#include "common/register_block.cl"
#include "common/transpose.cl"

#ifndef DEPTH
#define DEPTH 192  // steps of a block; a multiple of FETCHED
#endif
#ifndef PAIRS
#define PAIRS 3  // tiles of a group
#endif
#define HEIGHT (2 * ROWS)
#define WIDTH (2 * COLUMNS)
#define LINE (DEPTH + 16)  // from one row of a sum to the next, no power of two
#define ROW_SUM (ROWS * LINE)
#define COLUMN_SUM (DEPTH * COLUMNS)
// Steps of products between two fetches.
#define FETCHED (REGISTER_FLOATS < 512 && DEPTH % 64 == 0 ? 64 : 32)
#define FETCHES (7 * DEPTH / FETCHED)  // while a tile is computed
#define SHARE(count, parts) (((count) + (parts) - 1) / (parts))

// What is read after the present products, or written. It is fetched a few lines at a time while
// they are computed: all at once, it would keep them waiting.
typedef struct {
  __global const IN0 *rows;  // of the next tile, half of a row at a time
  int left_row, half_row;
  __global const IN1 *right;  // of the next sums of columns: lines of 16, row_lines in a row
  int right_row, row_lines, line, line_count, lines_at_once;
  __global float *tile;  // the present one: its own rows, and those of the output it is stored to
  __global OUT *out;
  size_t start;
  int columns, row, is_stored;
} Ahead;

static __attribute__((always_inline)) void fetch(Ahead *ahead EPILOGUE_PARAMETERS) {
  for (int n = 0; n < SHARE(2 * HEIGHT, PAIRS * FETCHES) && ahead->half_row < 2 * HEIGHT; n++) {
    __global const IN0 *row =
        ahead->rows + (size_t)(ahead->half_row / 2) * ahead->left_row + ahead->half_row % 2 * DEPTH;
    for (int k = 0; k < DEPTH; k += 16) PREFETCH(row + k);
    ahead->half_row++;
  }
  for (int n = 0; n < ahead->lines_at_once && ahead->line < ahead->line_count; n++) {
    PREFETCH(ahead->right + (size_t)(ahead->line / ahead->row_lines) * ahead->right_row +
             ahead->line % ahead->row_lines * 16);
    ahead->line++;
  }
  for (int n = 0; n < SHARE(HEIGHT, FETCHES) && ahead->row < HEIGHT; n++) {
    for (int j = 0; j < WIDTH; j += 16) {
      PREFETCH_WRITE(ahead->tile + ahead->row * WIDTH + j);
      if (ahead->is_stored) {
        const size_t at = ahead->start + (size_t)ahead->row * ahead->columns + j;
        PREFETCH_WRITE(ahead->out + at);
        EPILOGUE_PREFETCH(at);
      }
    }
    ahead->row++;
  }
}

// block[i] = 16 columns of step i, for 16 steps.
static __attribute__((always_inline)) void load_block(__global const IN1 *right, int right_step,
                                                      int right_column, float16 block[16]) {
  const int row = right_column == 1 ? right_step : right_column;
#pragma unroll
  for (int i = 0; i < 16; i++) block[i] = load16(right + (size_t)i * row);
  if (right_column != 1) transpose(block);
}

// The right operands of the seven products of every tile of a group, as panels.
static void sum_columns(__global const IN1 *right, int right_step, int right_column,
                        __global float *sums) {
  for (int c = 0; c < PAIRS * COLUMNS; c += 16)
    for (int k = 0; k < DEPTH; k += 16) {
      const int pair = c / COLUMNS, v = c % COLUMNS;
      __global const IN1 *top =
          right + (size_t)k * right_step + (size_t)(pair * WIDTH + v) * right_column;
      __global const IN1 *bottom = top + (size_t)DEPTH * right_step;
      const size_t far = (size_t)COLUMNS * right_column;
      float16 b11[16], b12[16], b21[16], b22[16];
      load_block(top, right_step, right_column, b11);
      load_block(top + far, right_step, right_column, b12);
      load_block(bottom, right_step, right_column, b21);
      load_block(bottom + far, right_step, right_column, b22);
      __global float *sum = sums + (size_t)pair * 7 * COLUMN_SUM + k * COLUMNS + v;
#pragma unroll
      for (int i = 0; i < 16; i++, sum += COLUMNS) {
        const float16 t1 = b12[i] - b11[i], t2 = b22[i] - t1;
        store16(b11[i], sum);
        store16(b21[i], sum + COLUMN_SUM);
        store16(t2, sum + 2 * COLUMN_SUM);
        store16(t1, sum + 3 * COLUMN_SUM);
        store16(b22[i], sum + 4 * COLUMN_SUM);
        store16(b22[i] - b12[i], sum + 5 * COLUMN_SUM);
        store16(b21[i] - t2, sum + 6 * COLUMN_SUM);
      }
    }
}

// The left operands of the seven products of a tile.
static void sum_rows(__global const IN0 *left, int left_row, __global float *sums) {
  for (int i = 0; i < ROWS; i++)
    for (int k = 0; k < DEPTH; k += 16) {
      __global const IN0 *top = left + (size_t)i * left_row + k;
      __global const IN0 *bottom = top + (size_t)ROWS * left_row;
      const float16 a11 = load16(top), a12 = load16(top + DEPTH);
      const float16 a21 = load16(bottom), a22 = load16(bottom + DEPTH);
      const float16 s1 = a21 + a22, s2 = s1 - a11;
      __global float *sum = sums + i * LINE + k;
      store16(a11, sum);
      store16(a12, sum + ROW_SUM);
      store16(s2, sum + 2 * ROW_SUM);
      store16(s1, sum + 3 * ROW_SUM);
      store16(a12 - s2, sum + 4 * ROW_SUM);
      store16(a11 - a21, sum + 5 * ROW_SUM);
      store16(a22, sum + 6 * ROW_SUM);
    }
}

#define EACH_VECTOR                                      \
  _Pragma("unroll") for (int i = 0; i < ROWS; i++)       \
      _Pragma("unroll") for (int v = 0; v < VECTORS; v++)

// Adds the block to the tile's block at `part`, or stores it there.
static __attribute__((always_inline)) void block_add(float16 sums[ROWS][VECTORS],
                                                     __global float *part, int is_first) {
  if (is_first) {
    EACH_VECTOR store16(sums[i][v], part + i * WIDTH + 16 * v);
  } else {
    EACH_VECTOR {
      __global float *p = part + i * WIDTH + 16 * v;
      store16(sums[i][v] + load16(p), p);
    }
  }
}

static __attribute__((always_inline)) void block_add_private(float16 sums[ROWS][VECTORS],
                                                             const float *values) {
  EACH_VECTOR sums[i][v] += load16(values + i * COLUMNS + 16 * v);
}

// sums += row sum n times column sum n.
#define ADD_PRODUCT(n)                                                                       \
  for (int k = 0; k < DEPTH; k += FETCHED) {                                                 \
    fetch(ahead EPILOGUE_OPERANDS);                                                          \
    block_multiply(sums, rows + n * ROW_SUM + k, LINE, 1,                                    \
                   columns + n * COLUMN_SUM + k * COLUMNS, COLUMNS, FETCHED);                \
  }

// Adds 2 * DEPTH steps to a tile, or stores them there.
static void add_to_tile(__global const float *rows, __global const float *columns,
                        __global float *tile, int is_first, Ahead *ahead EPILOGUE_PARAMETERS) {
  float first[ROWS * COLUMNS], fourth[ROWS * COLUMNS], last[ROWS * COLUMNS];
  float16 sums[ROWS][VECTORS];
  block_clear(sums);
  ADD_PRODUCT(0);
  block_store(sums, first, COLUMNS);
  ADD_PRODUCT(1);
  block_add(sums, tile, is_first);
  block_load(sums, first, COLUMNS);
  ADD_PRODUCT(2);
  block_store(sums, first, COLUMNS);
  ADD_PRODUCT(3);
  block_store(sums, fourth, COLUMNS);
  ADD_PRODUCT(4);
  block_add(sums, tile + COLUMNS, is_first);
  block_clear(sums);
  ADD_PRODUCT(5);
  block_store(sums, last, COLUMNS);
  block_add_private(sums, first);
  ADD_PRODUCT(6);
  block_add(sums, tile + ROWS * WIDTH, is_first);
  block_load(sums, last, COLUMNS);
  block_add_private(sums, fourth);
  block_add(sums, tile + ROWS * WIDTH + COLUMNS, is_first);
}

VECTOR_KERNEL
void matmul_strassen(__global const IN0 *restrict left, __global const IN1 *restrict right,
                     __global OUT *restrict out, __global float *restrict scratch,
                     __global int *next_piece, int rows, int columns, int depth, int left_row,
                     int right_step, int right_column, int group_pieces,
                     int most_tiles EPILOGUE_PARAMETERS) {
  const int tiles = SHARE(rows, HEIGHT), pieces = columns / (PAIRS * WIDTH) * group_pieces;
  __global float *column_sums =
      scratch + get_global_id(0) * (7 * (ROW_SUM + PAIRS * COLUMN_SUM)
                                    + (size_t)most_tiles * PAIRS * HEIGHT * WIDTH);
  __global float *row_sums = column_sums + PAIRS * 7 * COLUMN_SUM;
  __global float *parts = row_sums + 7 * ROW_SUM;

  Ahead ahead;
  ahead.left_row = left_row;
  ahead.right_row = right_column == 1 ? right_step : right_column;
  ahead.row_lines = (right_column == 1 ? PAIRS * WIDTH : 2 * DEPTH) / 16;
  ahead.columns = columns;
  ahead.out = out;
  for (int piece = take_piece(next_piece), next; piece < pieces; piece = next) {
    next = take_piece(next_piece);
    const int part = piece % group_pieces, first = tiles * part / group_pieces;
    const int count = tiles * (part + 1) / group_pieces - first;
    const int column = piece / group_pieces * PAIRS * WIDTH;
    const int next_first = tiles * (next % group_pieces) / group_pieces;
    __global const IN1 *panel = right + (size_t)column * right_column;
    for (int k = 0; k < depth; k += 2 * DEPTH) {
      const int is_last = k + 2 * DEPTH == depth;
      sum_columns(panel + (size_t)k * right_step, right_step, right_column, column_sums);
      ahead.right = is_last
                        ? right + (size_t)(next / group_pieces) * PAIRS * WIDTH * right_column
                        : panel + (size_t)(k + 2 * DEPTH) * right_step;
      ahead.line = 0;
      ahead.line_count = is_last && next >= pieces ? 0 : 2 * DEPTH * PAIRS * WIDTH / 16;
      ahead.lines_at_once = SHARE(ahead.line_count, count * PAIRS * FETCHES);
      for (int n = 0; n < count; n++) {
        const int row = min((first + n) * HEIGHT, rows - HEIGHT);
        const int is_bottom = n == count - 1;
        const int next_tile = !is_bottom ? first + n + 1 : is_last ? next_first : first;
        const int next_step = !is_bottom ? k : is_last ? 0 : k + 2 * DEPTH;
        ahead.rows =
            left + (size_t)min(next_tile * HEIGHT, rows - HEIGHT) * left_row + next_step;
        ahead.half_row = 0;
        sum_rows(left + (size_t)row * left_row + k, left_row, row_sums);
        for (int pair = 0; pair < PAIRS; pair++) {
          const size_t start = (size_t)row * columns + column + pair * WIDTH;
          __global float *sum = parts + (size_t)(n * PAIRS + pair) * HEIGHT * WIDTH;
          ahead.tile = sum;
          ahead.start = start;
          ahead.row = 0;
          ahead.is_stored = is_last;
          add_to_tile(row_sums, column_sums + (size_t)pair * 7 * COLUMN_SUM, sum, k == 0,
                      &ahead EPILOGUE_OPERANDS);
          // Unrolled, since an epilogue of e^x waits for itself: so four of them wait together.
          for (int i = (first + n) * HEIGHT - row; is_last && i < HEIGHT; i++)
#pragma unroll
            for (int j = 0; j < WIDTH; j += 16) {
              const size_t at = start + (size_t)i * columns + j;
              store16(EPILOGUE16(load16(sum + i * WIDTH + j), at), out + at);
            }
        }
      }
    }
  }
}
