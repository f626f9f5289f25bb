#pragma once

#include <stdint.h>
#include <string.h>

/// Sixteen floats; one AVX-512 register, or several of a smaller instruction set.
typedef float vec16 __attribute__((vector_size(64)));
typedef float vec8 __attribute__((vector_size(32)));
typedef float vec4 __attribute__((vector_size(16)));
typedef int32_t ivec16 __attribute__((vector_size(64)));

// The same at any address.
typedef float vec16_any __attribute__((vector_size(64), aligned(4)));
typedef float vec8_any __attribute__((vector_size(32), aligned(4)));
typedef float vec4_any __attribute__((vector_size(16), aligned(4)));

#define LOAD16(p) (*(const vec16_any *)(p))
#define STORE16(p, v) (*(vec16_any *)(p) = (v))

#if defined(__x86_64__) && defined(__ELF__)
#define HAS_LEVELS 1
/// Compiles a function for several levels of x86-64; the loader takes the best one.
#define FOR_ALL_LEVELS \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define HAS_LEVELS 0
#define FOR_ALL_LEVELS
#endif

#define INLINE static inline __attribute__((always_inline))
