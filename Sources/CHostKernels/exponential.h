#pragma once

#include "vector.h"

/// *x becomes e^x, within 2 units in the last place: 2ⁿ·eʳ with n whole and |r| ≤ ln 2 / 2, and eʳ
/// by the polynomial of Cephes' `expf` (Moshier, 1989). Below the normal numbers it is 0, above e⁸⁸
/// infinite; what is no number stays so.
INLINE void exponential(vec16 *x) {
  const float shifter = 12582912;  // 1.5·2²³: adding it rounds to a whole number
  const vec16 value = *x;
  const vec16 shifted = value * 1.44269504f + shifter, n = shifted - shifter;
  const vec16 r = value - n * 0.693359375f + n * 2.12194440e-4f;
  vec16 p = r * 1.9875691500e-4f + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  const vec16 fraction = p * r * r + r + 1.0f;
  const vec16 power = (vec16)(((ivec16)shifted + 127) << 23);
  const ivec16 result = (ivec16)(fraction * power) & (value > -87.33f);
  const ivec16 infinite = (ivec16)((vec16){0} + __builtin_inff());
  const ivec16 small = value < 88.02f, number = value == value;
  *x = (vec16)((result & small) | (infinite & ~small & number) | ((ivec16)value & ~number));
}
