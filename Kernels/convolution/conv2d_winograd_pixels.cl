// Winograd's transform of the pixels, in the order conv2d_winograd_panels.cl reads it:
// transformed[phase, c / 16, place, tile, c % 16], places PLACE_STEP apart, from
// x [N, height, width, channels], for `tile_count` of the tiles from `first_tile` on.
// `channels` is a multiple of 16. A work-item transforms one tile; those beyond the last, which fill
// the last block of tiles, are the last one again.

#include "common/winograd.cl"

VECTOR_KERNEL
void conv2d_winograd_pixels(__global const IN0 *restrict x, __global float *restrict transformed,
                            int height, int width, int channels, int tiles_high, int tiles_wide,
                            int padding_top, int padding_left, int first_tile, int tile_count) {
  const int row = get_global_id(0), row_count = get_global_size(0);
  const Tile tile = tile_at(first_tile + min(row, tile_count - 1), tiles_high, tiles_wide);
  x += (size_t)tile.image * height * width * channels;
  for (int phase = 0; phase < IN_PHASES * IN_PHASES; phase++) {
    const int top = IN_PHASES * tile.row + phase / IN_PHASES - padding_top;
    const int left = IN_PHASES * tile.column + phase % IN_PHASES - padding_left;
    transform_pixels(x, top, left, height, width, channels,
                     transformed + (size_t)phase * channels / 16 * PLACES * PLACE_STEP(row_count)
                         + row * 16,
                     PLACE_STEP(row_count), PLACES * PLACE_STEP(row_count));
  }
}
