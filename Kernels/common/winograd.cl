// Winograd's minimal filtering F(4x4, 3x3) on vectors of 16 channels, and the tiles of a picture
// it works on; no entry points.
// With the points 0, 1, -1, 2, -2 and infinity: y = A^T [(G g G^T) * (B^T d B)] A for a tile d of
// 6 x 6 pixels, a kernel g of 3 x 3 and 4 x 4 results y (Lavin and Gray, "Fast Algorithms for
// Convolutional Neural Networks", 2016).

#include "common/real.cl"

#define TILE_IN 6
#define TILE_OUT 4
#define PLACES 36  // products of a tile

// From one place to the next of 16 channels of `count` tiles or outputs. A multiple of a page would
// put all places into the same few lines of the first cache.
#define PLACE_STEP(count) (16 * (count) + 16)

// out[i * step] = B^T in, for six vectors each.
__attribute__((always_inline)) void transform_input(const float16 in[TILE_IN], float16 *out,
                                                    int step) {
  const float16 a = in[4] - 4.0f * in[2], b = in[3] - 4.0f * in[1];
  const float16 c = in[4] - in[2], d = 2.0f * (in[3] - in[1]);
  out[0] = 4.0f * in[0] - 5.0f * in[2] + in[4];
  out[step] = a + b;
  out[2 * step] = a - b;
  out[3 * step] = c + d;
  out[4 * step] = c - d;
  out[5 * step] = 4.0f * in[1] - 5.0f * in[3] + in[5];
}

// out[i * step] = G in, from three vectors to six.
__attribute__((always_inline)) void transform_weight(const float16 in[3], float16 *out, int step) {
  const float16 even = (in[0] + in[2]) * (1.0f / 6), odd = in[1] * (1.0f / 6);
  const float16 far = (in[0] + 4.0f * in[2]) * (1.0f / 24), far_odd = in[1] * (1.0f / 12);
  out[0] = 0.25f * in[0];
  out[step] = -even - odd;
  out[2 * step] = odd - even;
  out[3 * step] = far + far_odd;
  out[4 * step] = far - far_odd;
  out[5 * step] = in[2];
}

// out[i * step] = A^T in, from six vectors to four.
__attribute__((always_inline)) void transform_output(const float16 in[TILE_IN], float16 *out,
                                                     int step) {
  const float16 a = in[1] + in[2], b = in[1] - in[2], c = in[3] + in[4], d = in[3] - in[4];
  out[0] = in[0] + a + c;
  out[step] = b + 2.0f * d;
  out[2 * step] = a + 4.0f * c;
  out[3 * step] = b + 8.0f * d + in[5];
}

// transformed[place * place_step] = (G g G^T)[place] for 16 outputs of one channel, whose taps lie
// `tap` apart.
__attribute__((always_inline)) void transform_taps(__global const IN1 *w, size_t tap,
                                                   __global float *transformed, int place_step) {
  float16 rows[3 * TILE_IN];
#pragma unroll
  for (int r = 0; r < 3; r++) {
    float16 taps[3];
#pragma unroll
    for (int s = 0; s < 3; s++) taps[s] = load16(w + (r * 3 + s) * tap);
    transform_weight(taps, rows + r, 3);
  }
#pragma unroll
  for (int j = 0; j < TILE_IN; j++) {
    float16 column[TILE_IN];
    transform_weight(rows + j * 3, column, 1);
#pragma unroll
    for (int i = 0; i < TILE_IN; i++)
      store16(column[i], transformed + (size_t)(i * TILE_IN + j) * place_step);
  }
}

typedef struct {
  int image, row, column;  // of the tile's first output
} Tile;

Tile tile_at(int index, int tiles_high, int tiles_wide) {
  const Tile tile = {index / (tiles_high * tiles_wide),
                     index / tiles_wide % tiles_high * TILE_OUT, index % tiles_wide * TILE_OUT};
  return tile;
}

// Index of the pixel in row i and column j of a tile of y.
size_t output_pixel(Tile tile, int i, int j, int out_height, int out_width) {
  return ((size_t)tile.image * out_height + tile.row + i) * out_width + tile.column + j;
}

// pixels[place * place_step + c / 16 * vector_step + c % 16] = (B^T d B)[place] for the tile of x
// at (top, left).
void transform_pixels(__global const IN0 *x, int top, int left, int height, int width,
                      int channels, __global float *pixels, int place_step, int vector_step) {
  const int is_inside =
      top >= 0 && left >= 0 && top + TILE_IN <= height && left + TILE_IN <= width;
  for (int c = 0; c < channels; c += 16) {
    float16 rows[TILE_IN * TILE_IN];
    for (int i = 0; i < TILE_IN; i++) {
      float16 pixel[TILE_IN];
#pragma unroll
      for (int j = 0; j < TILE_IN; j++) {
        const int h = top + i, w = left + j;
        const int is_there = is_inside || (h >= 0 && h < height && w >= 0 && w < width);
        pixel[j] = is_there ? load16(x + ((size_t)h * width + w) * channels + c) : 0.0f;
      }
      transform_input(pixel, rows + i, TILE_IN);
    }
#pragma unroll
    for (int j = 0; j < TILE_IN; j++) {
      float16 column[TILE_IN];
      transform_input(rows + j * TILE_IN, column, 1);
#pragma unroll
      for (int i = 0; i < TILE_IN; i++)
        store16(column[i], pixels + (size_t)(i * TILE_IN + j) * place_step);
    }
    pixels += vector_step;
  }
}

// values = A^T m A for 16 outputs of one tile; m[place * place_step].
void transform_products(__global const float *m, int place_step, float16 *values) {
  float16 rows[TILE_OUT * TILE_IN];
#pragma unroll
  for (int j = 0; j < TILE_IN; j++) {
    float16 column[TILE_IN];
#pragma unroll
    for (int i = 0; i < TILE_IN; i++)
      column[i] = load16(m + (i * TILE_IN + j) * place_step);
    transform_output(column, rows + j, TILE_IN);
  }
#pragma unroll
  for (int i = 0; i < TILE_OUT; i++)
    transform_output(rows + i * TILE_IN, values + i * TILE_OUT, 1);
}
