#include "CHostKernels.h"
#include "vector.h"

enum { lanes = 16, words = 4, block = lanes * words };

typedef uint32_t uvec16 __attribute__((vector_size(64)));
typedef uint64_t ulong16 __attribute__((vector_size(128)));

/// Ten rounds on sixteen counters, one word of each in a vector: the words of Philox.swift.
/// (Salmon et al., SC 2011.)
INLINE void philox(uvec16 counters[words], uint64_t seed) {
  uint32_t low = (uint32_t)seed, high = (uint32_t)(seed >> 32);
  for (int round = 0; round < 10; round++) {
    const ulong16 first = __builtin_convertvector(counters[0], ulong16) * 0xD2511F53u;
    const ulong16 second = __builtin_convertvector(counters[2], ulong16) * 0xCD9E8D57u;
    counters[0] = __builtin_convertvector(second >> 32, uvec16) ^ counters[1] ^ low;
    counters[1] = __builtin_convertvector(second, uvec16);
    counters[2] = __builtin_convertvector(first >> 32, uvec16) ^ counters[3] ^ high;
    counters[3] = __builtin_convertvector(first, uvec16);
    low += 0x9E3779B9u;
    high += 0xBB67AE85u;
  }
}

/// Whole multiples of 2⁻²⁴ in [0, 1), without rounding.
INLINE void unit_interval(const uvec16 *bits, vec16 *result) {
  *result = __builtin_convertvector((ivec16)(*bits >> 8), vec16) * 0x1p-24f;
}

/// *x becomes ln x, for normal numbers above 0: x = 2ⁿ·(1 + m) with |m| < 0.42, and ln(1 + m) by
/// the polynomial of Cephes' `logf` (Moshier, 1989).
INLINE void logarithm(vec16 *x) {
  const ivec16 bits = (ivec16)*x;
  const vec16 half = (vec16)((bits & 0x007FFFFF) | 0x3F000000);
  const ivec16 is_small = half < 0.707106781f;
  const vec16 m = half - 1.0f + (vec16)(is_small & (ivec16)half);
  const vec16 n = __builtin_convertvector((bits >> 23) - 126 + is_small, vec16);
  const vec16 square = m * m;
  vec16 p = m * 7.0376836292e-2f - 1.1514610310e-1f;
  p = p * m + 1.1676998740e-1f;
  p = p * m - 1.2420140846e-1f;
  p = p * m + 1.4249322787e-1f;
  p = p * m - 1.6668057665e-1f;
  p = p * m + 2.0000714765e-1f;
  p = p * m - 2.4999993993e-1f;
  p = p * m + 3.3333331174e-1f;
  *x = n * 0.693359375f + (m + (p * m * square - n * 2.12194440e-4f - 0.5f * square));
}

/// Sine and cosine of `turns` · 2π, turns from 0 to 1: of an angle of at most an eighth of a turn,
/// by the polynomials of Cephes' `sinf` and `cosf`.
INLINE void sine_cosine(const vec16 *turns, vec16 *sine, vec16 *cosine) {
  const ivec16 quarter = __builtin_convertvector(*turns * 4.0f + 0.5f, ivec16);
  const vec16 rest = *turns - __builtin_convertvector(quarter, vec16) * 0.25f;
  const vec16 angle = rest * 6.28318531f, square = angle * angle;
  vec16 s = square * -1.9515295891e-4f + 8.3321608736e-3f;
  s = (s * square - 1.6666654611e-1f) * square * angle + angle;
  vec16 c = square * 2.4433157118e-5f - 1.3887316255e-3f;
  c = (c * square + 4.1666645683e-2f) * square * square - 0.5f * square + 1.0f;
  const ivec16 swap = -(quarter & 1);
  const ivec16 first = ((ivec16)s & ~swap) | ((ivec16)c & swap);
  const ivec16 second = ((ivec16)c & ~swap) | ((ivec16)s & swap);
  *sine = (vec16)(first ^ ((quarter & 2) << 30));
  *cosine = (vec16)(second ^ (((quarter + 1) & 2) << 30));
}

/// Sixteen normal numbers into every fourth place from `result` on, and as many behind them.
INLINE void box_muller(const uvec16 *first, const uvec16 *second, float *result) {
  vec16 radius, turns, sine, cosine;
  unit_interval(first, &radius);
  unit_interval(second, &turns);
  radius = 1.0f - radius;
  logarithm(&radius);
  radius = __builtin_elementwise_sqrt(-2.0f * radius);
  sine_cosine(&turns, &sine, &cosine);
  cosine *= radius;
  sine *= radius;
  for (int lane = 0; lane < lanes; lane++) {
    result[words * lane] = cosine[lane];
    result[words * lane + 1] = sine[lane];
  }
}

FOR_ALL_LEVELS void tessera_random_normal(
    uint64_t seed, uint32_t first, uint32_t step, uint32_t purpose, float *result,
    int64_t count) {
  const uvec16 lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  for (int64_t start = 0; start < count; start += block) {
    uvec16 counters[words] = {
        lane + (first + (uint32_t)(start / words)), (uvec16){0} + step, (uvec16){0} + purpose, {0}};
    philox(counters, seed);
    float numbers[block];
    box_muller(&counters[0], &counters[1], numbers);
    box_muller(&counters[2], &counters[3], numbers + 2);
    const int64_t left = count - start;
    memcpy(result + start, numbers, (left < block ? left : block) * sizeof(float));
  }
}
