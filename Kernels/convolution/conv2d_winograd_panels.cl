// The convolution of conv2d_winograd.cl for small images, whose weight is larger than they are:
// y[n, p, q, k] = EPILOGUE(sum over r, s, c of x~[n, p + r - padding_top, q + s - padding_left, c]
// * w[r, s, c, k]).
// pixels are x as conv2d_winograd_pixels.cl leaves it, a multiple of ROWS tiles;
// w [3, 3, channels, outputs]; y [N, out_height, out_width, outputs]. `channels` is a multiple of
// 16, `outputs` of COLUMNS.
// A work-item walks an equal share of the panels of COLUMNS outputs. For each it transforms the
// weight of CHANNELS channels at a time, multiplies the pixels of all tiles with that while it is
// in its cache, and at the end transforms the products back. Both lie in its own part of `scratch`,
// PLACES * (PLACE_STEP(COLUMNS) + row_count * COLUMNS) floats.

#include "common/numeric.cl"
#include "common/register_block.cl"
#include "common/winograd.cl"

#define CHANNELS 16  // as many as the pixels of a tile lie beside each other

VECTOR_KERNEL
void conv2d_winograd_panels(__global const float *restrict pixels, __global const IN1 *restrict w,
                            __global OUT *restrict y, __global float *restrict scratch,
                            int channels, int out_height, int out_width, int outputs,
                            int tile_count EPILOGUE_PARAMETERS) {
  const int tiles_high = (out_height + TILE_OUT - 1) / TILE_OUT;
  const int tiles_wide = (out_width + TILE_OUT - 1) / TILE_OUT;
  const int row_count = (tile_count + ROWS - 1) / ROWS * ROWS;
  const int panel_count = outputs / COLUMNS;
  const size_t tap = (size_t)channels * outputs;
  const size_t share = get_global_id(0), share_count = get_global_size(0);
  __global float *weights = scratch + share * PLACES * (PLACE_STEP(COLUMNS) + row_count * COLUMNS);
  __global float *products = weights + PLACES * PLACE_STEP(COLUMNS);

  const int last_panel = panel_count * (share + 1) / share_count;
  for (int panel = panel_count * share / share_count; panel < last_panel; panel++) {
    for (int first = 0; first < channels; first += CHANNELS) {
      __global const IN1 *own = w + (size_t)first * outputs + panel * COLUMNS;
      for (int c = 0; c < CHANNELS; c++)
        for (int v = 0; v < VECTORS; v++)
          transform_taps(own + (size_t)c * outputs + 16 * v, tap, weights + c * COLUMNS + 16 * v,
                         PLACE_STEP(COLUMNS));
      for (int place = 0; place < PLACES; place++) {
        // The next channels' weights are asked for meanwhile: 9 taps of 16 channels, 4 a place.
        if (first + CHANNELS < channels)
          for (int i = 4 * place; i < 4 * place + 4; i++)
            for (int v = 0; v < VECTORS; v++)
              PREFETCH(own + i / CHANNELS * tap + (size_t)(CHANNELS + i % CHANNELS) * outputs
                       + 16 * v);
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
      const Tile tile = tile_at(t, tiles_high, tiles_wide);
      for (int v = 0; v < VECTORS; v++) {
        float16 values[TILE_OUT * TILE_OUT];
        transform_products(products + t * COLUMNS + v * 16, row_count * COLUMNS, values);
        const int row_end = min(TILE_OUT, out_height - tile.row);
        const int column_end = min(TILE_OUT, out_width - tile.column);
        for (int i = 0; i < row_end; i++)
          for (int j = 0; j < column_end; j++) {
            const size_t pixel = output_pixel(tile, i, j, out_height, out_width);
            const size_t start = pixel * outputs + panel * COLUMNS + v * 16;
            store16(EPILOGUE16(values[i * TILE_OUT + j], start), y + start);
          }
      }
    }
  }
}
