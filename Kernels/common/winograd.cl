// Winograd's minimal filtering on vectors of 16 channels, and the tiles of a picture it works on; no
// entry points. y = A^T [(G g G^T) * (B^T d B)] A for a tile d of TILE_IN x TILE_IN pixels, a kernel
// g of TAPS x TAPS and TILE_OUT x TILE_OUT results y (Lavin and Gray, "Fast Algorithms for
// Convolutional Neural Networks", 2016): F(4x4, 3x3) or F(5x5, 2x2) with the points 0, 2/3, -2/3,
// 3/2, -3/2 and infinity, F(6x6, 3x3) with 0, 1, -1, 2, -2, 1/2, -1/2 and infinity.
//
// A convolution by 4 x 4 taps of a picture dilated by 2 (OUT_PHASES 2), or of stride 2 (IN_PHASES 2),
// is four by 2 x 2 taps: of the picture to every second pixel of y, or of every second pixel of the
// picture. Of those, one is a "phase", 0 or 1 along either side.

#include "common/real.cl"

#ifndef TILE_IN
#define TILE_IN 6  // or 8
#endif
#define PLACES (TILE_IN * TILE_IN)  // products of a tile
#ifndef IN_PHASES
#define IN_PHASES 1  // along a side
#endif
#ifndef OUT_PHASES
#define OUT_PHASES 1
#endif
#define PHASES (IN_PHASES * OUT_PHASES)
#define TAPS (PHASES == 1 ? 3 : 2)  // of one phase along a side
#define TILE_OUT (TILE_IN + 1 - TAPS)

// From one place to the next of 16 channels of `count` tiles or outputs. A multiple of a page would
// put all places into the same few lines of the first cache.
#define PLACE_STEP(count) (16 * (count) + 16)

// Two points, p and -p, at a time: of the input, even and odd part of its polynomial without the
// factors of those two; of the output, sum and difference of their products.

#if TILE_IN == 6

#define P (2.0f / 3)  // and 3/2, its inverse
#define P2 (P * P)
#define Q2 (1 / P2)

// out[i * step] = B^T in, for TILE_IN vectors each.
static __attribute__((always_inline)) void transform_input(const float16 in[TILE_IN], float16 *out,
                                                           int step) {
  const float16 a = in[4] - Q2 * in[2], b = P * (in[3] - Q2 * in[1]);
  const float16 c = in[4] - P2 * in[2], d = (in[3] - P2 * in[1]) / P;
  out[0] = in[0] - (P2 + Q2) * in[2] + in[4];
  out[step] = a + b;
  out[2 * step] = a - b;
  out[3 * step] = c + d;
  out[4 * step] = c - d;
  out[5 * step] = in[1] - (P2 + Q2) * in[3] + in[5];
}

// out[i * step] = G in, from TAPS vectors to TILE_IN.
static __attribute__((always_inline)) void transform_weight(const float16 in[TAPS], float16 *out,
                                                            int step) {
  const float near = 0.5f / (P2 * (P2 - Q2)), far = 0.5f / (Q2 * (Q2 - P2));
  const float16 third = TAPS == 3 ? in[TAPS - 1] : 0.0f;
  const float16 a = near * (in[0] + P2 * third), b = near * P * in[1];
  const float16 c = far * (in[0] + Q2 * third), d = far / P * in[1];
  out[0] = in[0];
  out[step] = a + b;
  out[2 * step] = a - b;
  out[3 * step] = c + d;
  out[4 * step] = c - d;
  out[5 * step] = in[TAPS - 1];
}

// out[i * step] = A^T in, from TILE_IN vectors to TILE_OUT.
static __attribute__((always_inline)) void transform_output(const float16 in[TILE_IN], float16 *out,
                                                            int step) {
  const float16 a = in[1] + in[2], b = P * (in[1] - in[2]);
  const float16 c = in[3] + in[4], d = (in[3] - in[4]) / P;
  out[0] = in[0] + a + c;
  out[step] = b + d;
  out[2 * step] = P2 * a + Q2 * c;
  const float16 cubes = P2 * b + Q2 * d, squares = P2 * P2 * a + Q2 * Q2 * c;
  out[3 * step] = TAPS == 3 ? cubes + in[5] : cubes;
  if (TAPS == 2) out[(TILE_OUT - 1) * step] = squares + in[5];
}

#else

static __attribute__((always_inline)) void transform_input(const float16 in[TILE_IN], float16 *out,
                                                           int step) {
  const float16 a = in[6] - 4.25f * in[4] + in[2], b = in[5] - 4.25f * in[3] + in[1];
  const float16 c = in[6] - 1.25f * in[4] + 0.25f * in[2];
  const float16 d = 2.0f * in[5] - 2.5f * in[3] + 0.5f * in[1];
  const float16 e = in[6] - 5.0f * in[4] + 4.0f * in[2];
  const float16 f = 0.5f * in[5] - 2.5f * in[3] + 2.0f * in[1];
  out[0] = in[0] - in[6] + 5.25f * (in[4] - in[2]);
  out[step] = a + b;
  out[2 * step] = a - b;
  out[3 * step] = c + d;
  out[4 * step] = c - d;
  out[5 * step] = e + f;
  out[6 * step] = e - f;
  out[7 * step] = in[7] - in[1] + 5.25f * (in[3] - in[5]);
}

static __attribute__((always_inline)) void transform_weight(const float16 in[TAPS], float16 *out,
                                                            int step) {
  const float16 a = (in[0] + in[2]) * (-2.0f / 9), b = in[1] * (-2.0f / 9);
  const float16 c = (in[0] + 4.0f * in[2]) * (1.0f / 90), d = in[1] * (1.0f / 45);
  const float16 e = (4.0f * in[0] + in[2]) * (8.0f / 45), f = in[1] * (16.0f / 45);
  out[0] = in[0];
  out[step] = a + b;
  out[2 * step] = a - b;
  out[3 * step] = c + d;
  out[4 * step] = c - d;
  out[5 * step] = e + f;
  out[6 * step] = e - f;
  out[7 * step] = in[2];
}

static __attribute__((always_inline)) void transform_output(const float16 in[TILE_IN], float16 *out,
                                                            int step) {
  const float16 a = in[1] + in[2], b = in[1] - in[2];
  const float16 c = in[3] + in[4], d = in[3] - in[4];
  const float16 e = in[5] + in[6], f = in[5] - in[6];
  out[0] = in[0] + a + c + e;
  out[step] = b + 2.0f * d + 0.5f * f;
  out[2 * step] = a + 4.0f * c + 0.25f * e;
  out[3 * step] = b + 8.0f * d + 0.125f * f;
  out[4 * step] = a + 16.0f * c + 0.0625f * e;
  out[5 * step] = b + 32.0f * d + 0.03125f * f + in[7];
}

#endif

// Where the tap in row `r` and column `s` of a phase's kernel is among the taps of the whole one,
// for the phase's first tap in `first_row` and `first_column` of that.
static int tap_index(int r, int s, int first_row, int first_column) {
  return (first_row + PHASES * r) * PHASES * TAPS + first_column + PHASES * s;
}

// transformed[place * place_step] = (G g G^T)[place] for 16 outputs of one channel, whose taps lie
// `tap` apart.
static __attribute__((always_inline)) void transform_taps(__global const IN1 *w, size_t tap,
                                                          int first_row, int first_column,
                                                          __global float *transformed,
                                                          int place_step) {
  float16 rows[TAPS * TILE_IN];
#pragma unroll
  for (int r = 0; r < TAPS; r++) {
    float16 taps[TAPS];
#pragma unroll
    for (int s = 0; s < TAPS; s++)
      taps[s] = load16(w + tap_index(r, s, first_row, first_column) * tap);
    transform_weight(taps, rows + r, TAPS);
  }
#pragma unroll
  for (int j = 0; j < TILE_IN; j++) {
    float16 column[TILE_IN];
    transform_weight(rows + j * TAPS, column, 1);
#pragma unroll
    for (int i = 0; i < TILE_IN; i++)
      store16(column[i], transformed + (size_t)(i * TILE_IN + j) * place_step);
  }
}

typedef struct {
  int image, row, column;  // of the tile's first output, in one phase
} Tile;

static Tile tile_at(int index, int tiles_high, int tiles_wide) {
  const Tile tile = {index / (tiles_high * tiles_wide),
                     index / tiles_wide % tiles_high * TILE_OUT, index % tiles_wide * TILE_OUT};
  return tile;
}

// Index of the pixel in row i and column j of a tile of y.
static size_t output_pixel(Tile tile, int i, int j, int out_height, int out_width) {
  return ((size_t)tile.image * out_height + tile.row + i) * out_width + tile.column + j;
}

// pixels[place * place_step + c / 16 * vector_step + c % 16] = (B^T d B)[place] for the tile of
// every IN_PHASES-th pixel of x from (top, left).
static void transform_pixels(__global const IN0 *x, int top, int left, int height, int width,
                             int channels, __global float *pixels, int place_step,
                             int vector_step) {
  const int last = IN_PHASES * (TILE_IN - 1);
  const int is_inside = top >= 0 && left >= 0 && top + last < height && left + last < width;
  for (int c = 0; c < channels; c += 16) {
    float16 rows[TILE_IN * TILE_IN];
    for (int i = 0; i < TILE_IN; i++) {
      float16 pixel[TILE_IN];
#pragma unroll
      for (int j = 0; j < TILE_IN; j++) {
        const int h = top + IN_PHASES * i, w = left + IN_PHASES * j;
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
static void transform_products(__global const float *m, int place_step, float16 *values) {
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
