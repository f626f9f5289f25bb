// Winograd's convolution for small images, whose weight is larger than they are, and for the 4 x 4
// kernels that common/winograd.cl takes for four:
// y[n, p, q, k] = EPILOGUE(sum over r, s, c of x~ * w[r, s, c, k]), x~ as in common/convolution.cl.
// pixels are those of `tile_count` tiles, from `first_tile` on, as conv2d_winograd_pixels.cl leaves
// them, a multiple of ROWS; w [R, R, channels, outputs]; y [N, out_height, out_width, outputs].
// `channels` is a multiple of 16, `outputs` of COLUMNS. Phase 0 of y begins `shift` pixels before it.
// Work-items take panels of COLUMNS outputs of one phase. For each they transform the weight of
// CHANNELS channels at a time, multiply the pixels of all tiles with that while it is in the cache,
// and at the end transform the products back. Both lie in a work-item's own part of `scratch`,
// PLACES * (PLACE_STEP(COLUMNS) + row_count * COLUMNS) floats.

#include "common/numeric.cl"
#include "common/pieces.cl"
#include "common/register_block.cl"
#include "common/winograd.cl"

#define CHANNELS 16  // as many as the pixels of a tile lie beside each other
#define LINES (TAPS * TAPS * CHANNELS)  // of the weight, one vector wide
#define FETCHED ((LINES + PLACES - 1) / PLACES)

VECTOR_KERNEL
void conv2d_winograd_panels(__global const float *restrict pixels, __global const IN1 *restrict w,
                            __global OUT *restrict y, __global float *restrict scratch,
                            __global int *next_panel, int channels, int out_height,
                            int out_width, int outputs, int tiles_high, int tiles_wide,
                            int shift_top, int shift_left, int first_tile,
                            int tile_count EPILOGUE_PARAMETERS) {
  const int row_count = (tile_count + ROWS - 1) / ROWS * ROWS;
  const int panel_count = OUT_PHASES * OUT_PHASES * (outputs / COLUMNS);
  const int all_channels = IN_PHASES * IN_PHASES * channels;
  const size_t tap = (size_t)channels * outputs;
  __global float *weights =
      scratch + get_global_id(0) * PLACES * (PLACE_STEP(COLUMNS) + row_count * COLUMNS);
  __global float *products = weights + PLACES * PLACE_STEP(COLUMNS);

  for (int panel; (panel = take_piece(next_panel)) < panel_count;) {
    const int out_phase = panel % (OUT_PHASES * OUT_PHASES);
    const int out_row = out_phase / OUT_PHASES, out_column = out_phase % OUT_PHASES;
    const int first_output = panel / (OUT_PHASES * OUT_PHASES) * COLUMNS;
    for (int first = 0; first < all_channels; first += CHANNELS) {
      // A phase of x reads the taps of the same parity, one of y those of the other.
      const int phase = first / channels;
      const int first_row = phase / IN_PHASES + OUT_PHASES - 1 - out_row;
      const int first_column = phase % IN_PHASES + OUT_PHASES - 1 - out_column;
      __global const IN1 *own = w + (size_t)(first % channels) * outputs + first_output;
      for (int c = 0; c < CHANNELS; c++)
        for (int v = 0; v < VECTORS; v++)
          transform_taps(own + (size_t)c * outputs + 16 * v, tap, first_row, first_column,
                         weights + c * COLUMNS + 16 * v, PLACE_STEP(COLUMNS));
      for (int place = 0; place < PLACES; place++) {
        // The next channels' weights are asked for meanwhile.
        if ((first + CHANNELS) % channels != 0)
          for (int i = FETCHED * place; i < min(FETCHED * (place + 1), LINES); i++) {
            const int r = i / CHANNELS / TAPS, s = i / CHANNELS % TAPS;
            __global const IN1 *line = own + tap_index(r, s, first_row, first_column) * tap
                                       + (size_t)(CHANNELS + i % CHANNELS) * outputs;
            for (int v = 0; v < VECTORS; v++) PREFETCH(line + 16 * v);
          }
        __global const float *left =
            pixels + ((size_t)first / CHANNELS * PLACES + place) * PLACE_STEP(row_count);
        for (int t = 0; t < row_count; t += ROWS) {
          __global float *m = products + (size_t)(place * row_count + t) * COLUMNS;
          float16 sums[ROWS][VECTORS];
          if (first == 0) {
            block_clear(sums);
          } else {
#pragma unroll
            for (int i = 0; i < ROWS; i++)
#pragma unroll
              for (int v = 0; v < VECTORS; v++) sums[i][v] = load16(m + i * COLUMNS + 16 * v);
          }
          block_multiply(sums, left + t * CHANNELS, CHANNELS, 1,
                         weights + place * PLACE_STEP(COLUMNS), COLUMNS, CHANNELS);
#pragma unroll
          for (int i = 0; i < ROWS; i++)
#pragma unroll
            for (int v = 0; v < VECTORS; v++) store16(sums[i][v], m + i * COLUMNS + 16 * v);
        }
      }
    }
    for (int t = 0; t < tile_count; t++) {
      const Tile tile = tile_at(first_tile + t, tiles_high, tiles_wide);
      const int top = OUT_PHASES * tile.row + out_row - shift_top;
      const int left = OUT_PHASES * tile.column + out_column - shift_left;
      for (int v = 0; v < VECTORS; v++) {
        float16 values[TILE_OUT * TILE_OUT];
        transform_products(products + t * COLUMNS + v * 16, row_count * COLUMNS, values);
        for (int i = 0; i < TILE_OUT; i++)
          for (int j = 0; j < TILE_OUT; j++) {
            const int row = top + OUT_PHASES * i, column = left + OUT_PHASES * j;
            if (row < 0 || row >= out_height || column < 0 || column >= out_width) continue;
            const size_t pixel = ((size_t)tile.image * out_height + row) * out_width + column;
            const size_t start = pixel * outputs + first_output + v * 16;
            store16(EPILOGUE16(values[i * TILE_OUT + j], start), y + start);
          }
      }
    }
  }
}
