// Tensors stored as floats or as halves; values are floats everywhere else. No entry points.
// IN0, IN1, ... by input and OUT name what a tensor is stored as, `float` or `half`; a kernel that
// declares its parameters with them is compiled for either.

#ifndef IN0
#define IN0 float
#endif
#ifndef IN1
#define IN1 float
#endif
#ifndef IN2
#define IN2 float
#endif
#ifndef IN3
#define IN3 float
#endif
#ifndef OUT
#define OUT float
#endif

#define OVERLOADED static __attribute__((overloadable, always_inline))

// 16 floats anywhere, for `vload16` and `vstore16`, of which PoCL 3.1 makes loads and stores of 2 to 4
// floats: arithmetic is done in those pieces, and a load of 16 waits for all four stores.
typedef float16 __attribute__((aligned(4))) unaligned16;

float OVERLOADED load(__global const float *p) { return *p; }
float OVERLOADED load(__global const half *p) { return vload_half(0, p); }
float16 OVERLOADED load16(__global const float *p) {
  return *(__global const unaligned16 *)p;
}
float16 OVERLOADED load16(__global const half *p) { return vload_half16(0, p); }
float16 OVERLOADED load16(__global const int *p) { return convert_float16(vload16(0, p)); }
float16 OVERLOADED load16(__global const uchar *p) { return convert_float16(vload16(0, p)); }
float16 OVERLOADED load16(const float *p) { return *(const unaligned16 *)p; }

void OVERLOADED store(float v, __global float *p) { *p = v; }
void OVERLOADED store(float v, __global half *p) { vstore_half(v, 0, p); }
void OVERLOADED store16(float16 v, __global float *p) { *(__global unaligned16 *)p = v; }
void OVERLOADED store16(float16 v, __global half *p) { vstore_half16(v, 0, p); }
void OVERLOADED store16(float16 v, float *p) { *(unaligned16 *)p = v; }

// 1 for a number, 0 for an infinity or what is not a number; by its bits, as compilers may count on
// numbers alone: to Mesa's anything times 0 is 0.
#define EXPONENT 0x7f800000
float OVERLOADED is_finite(float x) { return (as_int(x) & EXPONENT) != EXPONENT ? 1.0f : 0.0f; }
float16 OVERLOADED is_finite(float16 x) {
  return select((float16)(0.0f), (float16)(1.0f), (as_int16(x) & EXPONENT) != EXPONENT);
}

// Brings the cache line at p nearer, to be read or to be written. PoCL, which alone compiles for
// the processor by name, does nothing at `prefetch`.
#if defined(__x86_64__) || defined(__aarch64__)
#define PREFETCH(p) __builtin_prefetch(p)
#define PREFETCH_WRITE(p) __builtin_prefetch(p, 1)
#else
#define PREFETCH(p) prefetch((__global const char *)(p), 1)
#define PREFETCH_WRITE(p)
#endif

// A kernel whose work-items compute with vectors of 16 and are alone in their group. Without the
// hint Intel's compiler makes it a second time, several work-items at once, which takes long and is
// never run.
#define VECTOR_KERNEL \
  __kernel __attribute__((reqd_work_group_size(1, 1, 1), vec_type_hint(float16)))
