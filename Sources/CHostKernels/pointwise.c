#include "CHostKernels.h"
#include "exponential.h"

enum { lanes = 16 };

void tessera_fetch(const void *start, int64_t byte_count) {
  for (int64_t i = 0; i < byte_count; i += 64) __builtin_prefetch((const char *)start + i);
}

/// Sets `result` from vectors `x` and `y` for all elements: whole vectors, then the rest of one.
/// An operand may be the result itself.
#define FOR_EACH_VECTOR(a, b, result, count, statement) \
  int64_t i = 0; \
  for (; i + lanes <= (count); i += lanes) { \
    const vec16 x = LOAD16((a) + i), y = LOAD16((b) + i); \
    vec16 z; \
    statement; \
    STORE16((result) + i, z); \
  } \
  if (i < (count)) { \
    const size_t rest = ((count) - i) * sizeof(float); \
    vec16 x = {0}, y = {0}, z; \
    memcpy(&x, (a) + i, rest); \
    memcpy(&y, (b) + i, rest); \
    statement; \
    memcpy((result) + i, &z, rest); \
  }

FOR_ALL_LEVELS void tessera_add(const float *a, const float *b, float *result, int64_t count) {
  FOR_EACH_VECTOR(a, b, result, count, z = x + y)
}

FOR_ALL_LEVELS void tessera_subtract(
    const float *a, const float *b, float *result, int64_t count) {
  FOR_EACH_VECTOR(a, b, result, count, z = x - y)
}

FOR_ALL_LEVELS void tessera_multiply(
    const float *a, const float *b, float *result, int64_t count) {
  FOR_EACH_VECTOR(a, b, result, count, z = x * y)
}

FOR_ALL_LEVELS void tessera_exponential(const float *a, float *result, int64_t count) {
  FOR_EACH_VECTOR(a, a, result, count, (void)y; z = x; exponential(&z))
}

FOR_ALL_LEVELS void tessera_sigmoid(const float *a, float *result, int64_t count) {
  FOR_EACH_VECTOR(a, a, result, count, (void)y; z = -x; exponential(&z); z = 1.0f / (1.0f + z))
}

FOR_ALL_LEVELS void tessera_standardize(
    const float *a, const float *means, const float *reciprocals, float *result, int64_t count) {
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    STORE16(result + i, (LOAD16(a + i) - LOAD16(means + i)) * LOAD16(reciprocals + i));
  }
  for (; i < count; i++) result[i] = (a[i] - means[i]) * reciprocals[i];
}
