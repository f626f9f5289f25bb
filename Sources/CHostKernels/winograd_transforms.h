#pragma once

#include "vector.h"

// Winograd's minimal filtering along one side (Lavin and Gray, "Fast Algorithms for Convolutional
// Neural Networks", 2016): F(4, 3) and F(5, 2) with the points 0, ±2/3, ±3/2 and infinity for a side
// of 6, F(6, 3) with 0, ±1, ±2, ±1/2 and infinity for a side of 8.

// Two points, p and -p, at a time: of the input, even and odd part of its polynomial without the
// factors of those two; of the output, sum and difference of their products.

static const float p = 2.0f / 3, q = 1.5f;  // and their squares:
static const float pp = 4.0f / 9, qq = 2.25f;

/// out[i] = Bᵀ in, `side` vectors, both with a stride of vectors.
INLINE void transform_input(
    const vec16 *in, int64_t from, vec16 *out, int64_t to, const int side) {
  const vec16 x0 = in[0], x1 = in[from], x2 = in[2 * from], x3 = in[3 * from], x4 = in[4 * from];
  const vec16 x5 = in[5 * from];
  if (side == 6) {
    const vec16 a = x4 - qq * x2, b = p * (x3 - qq * x1), c = x4 - pp * x2, d = q * (x3 - pp * x1);
    out[0] = x0 - (pp + qq) * x2 + x4;
    out[to] = a + b;
    out[2 * to] = a - b;
    out[3 * to] = c + d;
    out[4 * to] = c - d;
    out[5 * to] = x1 - (pp + qq) * x3 + x5;
    return;
  }
  const vec16 x6 = in[6 * from], x7 = in[7 * from];
  const vec16 a = x6 - 4.25f * x4 + x2, b = x5 - 4.25f * x3 + x1;
  const vec16 c = x6 - 1.25f * x4 + 0.25f * x2, d = 2.0f * x5 - 2.5f * x3 + 0.5f * x1;
  const vec16 e = x6 - 5.0f * x4 + 4.0f * x2, f = 0.5f * x5 - 2.5f * x3 + 2.0f * x1;
  out[0] = x0 - x6 + 5.25f * (x4 - x2);
  out[to] = a + b;
  out[2 * to] = a - b;
  out[3 * to] = c + d;
  out[4 * to] = c - d;
  out[5 * to] = e + f;
  out[6 * to] = e - f;
  out[7 * to] = x7 - x1 + 5.25f * (x3 - x5);
}

/// out[i] = G in, from `taps` vectors to `side`.
INLINE void transform_weight(
    const vec16 *in, int from, vec16 *out, const int taps, const int side) {
  const vec16 x0 = in[0], x1 = in[from], x2 = taps == 3 ? in[2 * from] : (vec16){0};
  out[0] = x0;
  out[side - 1] = taps == 3 ? x2 : x1;
  if (side == 6) {
    const float near = 0.5f / (pp * (pp - qq)), far = 0.5f / (qq * (qq - pp));
    const vec16 a = near * (x0 + pp * x2), b = near * p * x1;
    const vec16 c = far * (x0 + qq * x2), d = far * q * x1;
    out[1] = a + b;
    out[2] = a - b;
    out[3] = c + d;
    out[4] = c - d;
    return;
  }
  const vec16 a = (x0 + x2) * (-2.0f / 9), b = x1 * (-2.0f / 9);
  const vec16 c = (x0 + 4.0f * x2) * (1.0f / 90), d = x1 * (1.0f / 45);
  const vec16 e = (4.0f * x0 + x2) * (8.0f / 45), f = x1 * (16.0f / 45);
  out[1] = a + b;
  out[2] = a - b;
  out[3] = c + d;
  out[4] = c - d;
  out[5] = e + f;
  out[6] = e - f;
}

/// out[i] = Aᵀ in, from `side` vectors to as many as a tile has results.
INLINE void transform_output(
    const vec16 *in, vec16 *out, int64_t to, const int taps, const int side) {
  if (side == 6) {
    const vec16 a = in[1] + in[2], b = p * (in[1] - in[2]);
    const vec16 c = in[3] + in[4], d = q * (in[3] - in[4]);
    out[0] = in[0] + a + c;
    out[to] = b + d;
    out[2 * to] = pp * a + qq * c;
    out[3 * to] = pp * b + qq * d;
    if (taps == 3) out[3 * to] += in[5];
    if (taps == 2) out[4 * to] = pp * pp * a + qq * qq * c + in[5];
    return;
  }
  const vec16 a = in[1] + in[2], b = in[1] - in[2], c = in[3] + in[4], d = in[3] - in[4];
  const vec16 e = in[5] + in[6], f = in[5] - in[6];
  out[0] = in[0] + a + c + e;
  out[to] = b + 2.0f * d + 0.5f * f;
  out[2 * to] = a + 4.0f * c + 0.25f * e;
  out[3 * to] = b + 8.0f * d + 0.125f * f;
  out[4 * to] = a + 16.0f * c + 0.0625f * e;
  out[5 * to] = b + 32.0f * d + 0.03125f * f + in[7];
}
