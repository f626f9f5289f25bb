// Winograd's transform of the pixels, in the order conv2d_winograd_panels.cl reads it:
// transformed[c / 16, place, tile, c % 16], places PLACE_STEP apart, from
// x [N, height, width, channels].
// `channels` is a multiple of 16. A work-item transforms one tile; those beyond `tile_count`, which
// fill the last block of tiles, are the last one again.

#include "common/winograd.cl"

VECTOR_KERNEL
void conv2d_winograd_pixels(__global const IN0 *restrict x, __global float *restrict transformed,
                            int height, int width, int channels, int out_height, int out_width,
                            int padding_top, int padding_left, int tile_count) {
  const int row = get_global_id(0), row_count = get_global_size(0);
  const Tile tile =
      tile_at(min(row, tile_count - 1), (out_height + TILE_OUT - 1) / TILE_OUT,
              (out_width + TILE_OUT - 1) / TILE_OUT);
  transform_pixels(x + (size_t)tile.image * height * width * channels, tile.row - padding_top,
                   tile.column - padding_left, height, width, channels, transformed + row * 16,
                   PLACE_STEP(row_count), PLACES * PLACE_STEP(row_count));
}
