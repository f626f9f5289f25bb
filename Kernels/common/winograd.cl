// Winograd's minimal filtering F(4x4, 3x3) on vectors of 16 channels; no entry points.
// With the points 0, 1, -1, 2, -2 and infinity: y = A^T [(G g G^T) * (B^T d B)] A for a tile d of
// 6 x 6 pixels, a kernel g of 3 x 3 and 4 x 4 results y (Lavin and Gray, "Fast Algorithms for
// Convolutional Neural Networks", 2016).

#define TILE_IN 6
#define TILE_OUT 4
#define PLACES 36  // products of a tile

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
