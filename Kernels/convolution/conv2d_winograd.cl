// Convolution with a 3 x 3 kernel of stride 1 on a CPU by Winograd's F(4x4, 3x3):
// y[n, p, q, k] = EPILOGUE(sum over r, s, c of x~[n, p + r - padding_top, q + s - padding_left, c]
// * w[r, s, c, k]), x~ being zero outside the image, with a quarter of the multiplications.
// x [N, height, width, channels]; u is the weight as conv2d_winograd_weight.cl leaves it;
// y [N, out_height, out_width, outputs]. `channels` is a multiple of 16, `outputs` of COLUMNS.
// Work-items take blocks of ROWS tiles; there are at least ROWS, and the last block overlaps the one
// before. For each block they transform the pixels, multiply them place by place with a panel of
// the weight, and transform the products back. Both stay in a work-item's own part of `scratch`,
// PLACES * ROWS * (channels + COLUMNS) floats, which fits its cache. While it multiplies, a few lines
// at a time, what it needs next comes from memory: the pixels of the next block, the epilogue's
// operands, and the lines of y.

#include "common/numeric.cl"
#include "common/pieces.cl"
#define UNROLL_STEPS _Pragma("unroll 2")
#define FETCHED_STEPS 32
#include "common/register_block.cl"
#include "common/winograd.cl"

// Of ROWS * TILE_IN rows of pixels, at each of the PLACES.
#define FETCHED_ROWS ((ROWS + TILE_IN - 1) / TILE_IN)
// Of the pixels of y before a place.
#define FETCHED_PIXELS(place) (ROWS * TILE_OUT * TILE_OUT * (place) / PLACES)

// Transformed pixels that are multiplied 16 channels at a time lie so, those of all tiles beside each
// other: rows a constant apart need no instructions for their addresses.
#if IN_REGISTERS
#define ROW_STEP 16
#define VECTOR_STEP (16 * ROWS)
#else
#define ROW_STEP channels
#define VECTOR_STEP 16
#endif

// The pixels in row `i` of a tile of x that the tile to its left lacks; at an edge, others.
static __global const IN0 *new_pixels(__global const IN0 *x, Tile tile, int i, int padding_top,
                                      int padding_left, int height, int width, int channels) {
  const int h = clamp(tile.row - padding_top + i, 0, height - 1);
  const int left = tile.column - padding_left + TILE_IN - TILE_OUT;
  const int w = clamp(left, 0, max(width - TILE_OUT, 0));
  return x + (((size_t)tile.image * height + h) * width + w) * channels;
}

VECTOR_KERNEL
void conv2d_winograd(__global const IN0 *restrict x, __global const float *restrict u,
                     __global OUT *restrict y, __global float *restrict scratch,
                     __global int *next_block, int height, int width, int channels,
                     int out_height, int out_width, int outputs, int padding_top,
                     int padding_left, int tile_count EPILOGUE_PARAMETERS) {
  const int tiles_high = (out_height + TILE_OUT - 1) / TILE_OUT;
  const int tiles_wide = (out_width + TILE_OUT - 1) / TILE_OUT;
  const int block_count = (tile_count + ROWS - 1) / ROWS;
  const int most_pixels = FETCHED_PIXELS(1) + 1;  // of y, at a place
  const int pixels_at_once = (16 * most_pixels + channels - 1) / channels;  // in 16 steps
  __global float *pixels = scratch + get_global_id(0) * PLACES * ROWS * (channels + COLUMNS);
  __global float *products = pixels + (size_t)PLACES * ROWS * channels;

  for (int block = take_piece(next_block), next; block < block_count; block = next) {
    next = take_piece(next_block);
    Tile tiles[ROWS];
    const int first = min(block * ROWS, tile_count - ROWS);
    for (int t = 0; t < ROWS; t++) {
      const Tile tile = tiles[t] = tile_at(first + t, tiles_high, tiles_wide);
      transform_pixels(x + (size_t)tile.image * height * width * channels, tile.row - padding_top,
                       tile.column - padding_left, height, width, channels,
                       pixels + (size_t)t * ROW_STEP, ROWS * channels, VECTOR_STEP);
    }
    const int next_first = min(next * ROWS, tile_count - ROWS);
    for (int k = 0; k < outputs; k += COLUMNS) {
      const int fetches_pixels = next < block_count && k + COLUMNS >= outputs;
      for (int place = 0; place < PLACES; place++) {
        __global const float *panel = u + ((size_t)k * PLACES + place * COLUMNS) * channels;
        __global const IN0 *fetched[FETCHED_ROWS];
        for (int i = 0; fetches_pixels && i < FETCHED_ROWS; i++) {
          const int row = min(place * ROWS / TILE_IN + i, ROWS * TILE_IN - 1);
          const Tile tile = tile_at(next_first + row / TILE_IN, tiles_high, tiles_wide);
          fetched[i] = new_pixels(x, tile, row % TILE_IN, padding_top, padding_left, height, width,
                                  channels);
        }
        int pixel_index = FETCHED_PIXELS(place);
        float16 sums[ROWS][VECTORS];
        block_clear(sums);
        for (int c = 0, depth; c < channels; c += depth) {
          depth = STEPS_AT_ONCE(channels - c);
          if (fetches_pixels)
            for (int i = 0; i < FETCHED_ROWS; i++)
              for (int j = 0; j < TILE_OUT; j++)
                for (int d = 0; d < depth; d += 16) PREFETCH(fetched[i] + j * channels + c + d);
          for (int n = 0; n < depth * pixels_at_once / 16 && pixel_index < FETCHED_PIXELS(place + 1);
               n++, pixel_index++) {
            const Tile tile = tiles[pixel_index / (TILE_OUT * TILE_OUT)];
            const size_t pixel = output_pixel(
                tile, min(pixel_index / TILE_OUT % TILE_OUT, out_height - 1 - tile.row),
                min(pixel_index % TILE_OUT, out_width - 1 - tile.column), out_height, out_width);
            for (int v = 0; v < COLUMNS; v += 16) {
              EPILOGUE_PREFETCH(pixel * outputs + k + v);
              PREFETCH_WRITE(y + pixel * outputs + k + v);
            }
          }
          block_multiply(sums, pixels + (size_t)place * ROWS * channels + c / 16 * VECTOR_STEP,
                         ROW_STEP, 1, panel + c * COLUMNS, COLUMNS, depth);
        }
#pragma unroll
        for (int t = 0; t < ROWS; t++)
#pragma unroll
          for (int v = 0; v < VECTORS; v++)
            store16(sums[t][v], products + (t * PLACES + place) * COLUMNS + 16 * v);
      }
      for (int t = block * ROWS - first; t < ROWS; t++) {
        const Tile tile = tiles[t];
        for (int v = 0; v < VECTORS; v++) {
          float16 values[TILE_OUT * TILE_OUT];
          transform_products(products + t * PLACES * COLUMNS + v * 16, COLUMNS, values);
          const int row_count = min(TILE_OUT, out_height - tile.row);
          const int column_count = min(TILE_OUT, out_width - tile.column);
          for (int i = 0; i < row_count; i++)
            for (int j = 0; j < column_count; j++) {
              const size_t pixel = output_pixel(tile, i, j, out_height, out_width);
              const size_t start = pixel * outputs + k + v * 16;
              store16(EPILOGUE16(values[i * TILE_OUT + j], start), y + start);
            }
        }
      }
    }
  }
}
