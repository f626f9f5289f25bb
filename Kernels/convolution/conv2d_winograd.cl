// Convolution with a 3 x 3 kernel of stride 1 on a CPU by Winograd's F(4x4, 3x3):
// y[n, p, q, k] = EPILOGUE(sum over r, s, c of x~[n, p + r - padding_top, q + s - padding_left, c]
// * w[r, s, c, k]), x~ being zero outside the image, with a quarter of the multiplications.
// x [N, height, width, channels]; u is the weight as conv2d_winograd_weight.cl leaves it;
// y [N, out_height, out_width, outputs]. `channels` is a multiple of 16, `outputs` of COLUMNS.
// A work-item walks an equal share of the blocks of ROWS tiles; there are at least ROWS, and the
// last block overlaps the one before. For each block it transforms the pixels, multiplies them
// place by place with a panel of the weight, and transforms the products back. Both stay in its own
// part of `scratch`, PLACES * ROWS * (channels + COLUMNS) floats, which fits its cache.

#include "common/numeric.cl"
#include "common/register_block.cl"
#include "common/winograd.cl"

VECTOR_KERNEL
void conv2d_winograd(__global const IN0 *restrict x, __global const float *restrict u,
                     __global OUT *restrict y, __global float *restrict scratch, int height,
                     int width, int channels, int out_height, int out_width, int outputs,
                     int padding_top, int padding_left, int tile_count EPILOGUE_PARAMETERS) {
  const int tiles_high = (out_height + TILE_OUT - 1) / TILE_OUT;
  const int tiles_wide = (out_width + TILE_OUT - 1) / TILE_OUT;
  const int block_count = (tile_count + ROWS - 1) / ROWS;
  const size_t share = get_global_id(0), share_count = get_global_size(0);
  __global float *pixels = scratch + share * PLACES * ROWS * (channels + COLUMNS);
  __global float *products = pixels + (size_t)PLACES * ROWS * channels;

  const int last_block = block_count * (share + 1) / share_count;
  for (int block = block_count * share / share_count; block < last_block; block++) {
    const int first = min(block * ROWS, tile_count - ROWS);
    for (int t = 0; t < ROWS; t++) {
      const Tile tile = tile_at(first + t, tiles_high, tiles_wide);
      transform_pixels(x + (size_t)tile.image * height * width * channels, tile.row - padding_top,
                       tile.column - padding_left, height, width, channels,
                       pixels + (size_t)t * channels, ROWS * channels, 16);
    }
    for (int k = 0; k < outputs; k += COLUMNS) {
      for (int place = 0; place < PLACES; place++) {
        __global const float *panel = u + ((size_t)k * PLACES + place * COLUMNS) * channels;
        float16 sums[ROWS][VECTORS];
        block_clear(sums);
        block_multiply(sums, pixels + (size_t)place * ROWS * channels, channels, 1, panel, COLUMNS,
                       channels);
#pragma unroll
        for (int t = 0; t < ROWS; t++)
#pragma unroll
          for (int v = 0; v < VECTORS; v++)
            store16(sums[t][v], products + (t * PLACES + place) * COLUMNS + 16 * v);
      }
      for (int t = block * ROWS - first; t < ROWS; t++) {
        const Tile tile = tile_at(first + t, tiles_high, tiles_wide);
        for (int v = 0; v < VECTORS; v++) {
          float16 values[TILE_OUT * TILE_OUT];
          transform_products(products + t * PLACES * COLUMNS + v * 16, COLUMNS, values);
          const int row_count = min(TILE_OUT, out_height - tile.row);
          const int column_count = min(TILE_OUT, out_width - tile.column);
          for (int i = 0; i < row_count; i++)
            for (int j = 0; j < column_count; j++) {
              const size_t pixel =
                  ((size_t)tile.image * out_height + tile.row + i) * out_width + tile.column + j;
              const size_t start = pixel * outputs + k + v * 16;
              store16(EPILOGUE16(values[i * TILE_OUT + j], start), y + start);
            }
        }
      }
    }
  }
}
