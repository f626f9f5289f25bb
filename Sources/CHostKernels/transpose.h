#pragma once

#include "vector.h"

/// Exchanges rows and columns: four times, each two vectors eight apart are interleaved.
INLINE void transpose_vectors(vec16 block[16]) {
  _Pragma("unroll") for (int round = 0; round < 4; round++) {
    vec16 next[16];
    _Pragma("unroll") for (int i = 0; i < 8; i++) {
      const vec16 a = block[i], b = block[i + 8];
      next[2 * i] = __builtin_shufflevector(
          a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      next[2 * i + 1] = __builtin_shufflevector(
          a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    }
    _Pragma("unroll") for (int i = 0; i < 16; i++) block[i] = next[i];
  }
}

/// The same from 16×16 floats to others.
INLINE void transpose(const float *from, int64_t from_stride, float *to, int64_t to_stride) {
  vec16 block[16];
  _Pragma("unroll") for (int i = 0; i < 16; i++) block[i] = LOAD16(from + i * from_stride);
  transpose_vectors(block);
  _Pragma("unroll") for (int i = 0; i < 16; i++) STORE16(to + i * to_stride, block[i]);
}
