// Vectors of WIDTH floats: `vec`, `load_vec`, `store_vec`, `vec_sum`, `vec_max`; no entry points.
// Loads and stores need the alignment of one float.

#include "common/real.cl"

#ifndef WIDTH
#define WIDTH 4  // floats a vector: 1, 2, 4, 8 or 16
#endif

#ifndef STRIPS
#define STRIPS 1  // vectors beside each other of a work-item
#endif

#define JOIN_TOKENS(a, b) a##b
#define JOIN(a, b) JOIN_TOKENS(a, b)

// The same as v.hi, whose shuffle Oclgrind 21.10 takes for one of uninitialised values.
static float8 upper_half(float16 v) {
  return (float8)(v.s8, v.s9, v.sa, v.sb, v.sc, v.sd, v.se, v.sf);
}

// Halving in a fixed order.
static float sum1(float v) { return v; }
static float sum2(float2 v) { return v.x + v.y; }
static float sum4(float4 v) { return sum2(v.lo + v.hi); }
static float sum8(float8 v) { return sum4(v.lo + v.hi); }
static float sum16(float16 v) { return sum8(v.lo + upper_half(v)); }
// The four sums together, which takes a third of the shuffles. Spelled by elements: Oclgrind 21.10
// crashes where a vector is joined of parts.
static float4 sum16x4(float16 a, float16 b, float16 c, float16 d) {
  const float8 e = a.lo + upper_half(a);
  const float8 f = b.lo + upper_half(b);
  const float8 g = c.lo + upper_half(c);
  const float8 h = d.lo + upper_half(d);
  const float8 ef = (float8)(e.s0, e.s1, e.s2, e.s3, f.s0, f.s1, f.s2, f.s3)
                    + (float8)(e.s4, e.s5, e.s6, e.s7, f.s4, f.s5, f.s6, f.s7);
  const float8 gh = (float8)(g.s0, g.s1, g.s2, g.s3, h.s0, h.s1, h.s2, h.s3)
                    + (float8)(g.s4, g.s5, g.s6, g.s7, h.s4, h.s5, h.s6, h.s7);
  const float8 pairs = (float8)(ef.s0, ef.s1, ef.s4, ef.s5, gh.s0, gh.s1, gh.s4, gh.s5)
                       + (float8)(ef.s2, ef.s3, ef.s6, ef.s7, gh.s2, gh.s3, gh.s6, gh.s7);
  return pairs.even + pairs.odd;
}
static float largest1(float v) { return v; }
static float largest2(float2 v) { return fmax(v.x, v.y); }
static float largest4(float4 v) { return largest2(fmax(v.lo, v.hi)); }
static float largest8(float8 v) { return largest4(fmax(v.lo, v.hi)); }
static float largest16(float16 v) { return largest8(fmax(v.lo, upper_half(v))); }
#define vec_sum JOIN(sum, WIDTH)
#define vec_max JOIN(largest, WIDTH)

#if WIDTH == 1
typedef float vec;
#define load_vec(p) (*(p))
#define store_vec(v, p) (*(p) = (v))
#else
typedef JOIN(float, WIDTH) vec;
#define load_vec(p) JOIN(vload, WIDTH)(0, p)
#define store_vec(v, p) JOIN(vstore, WIDTH)(v, 0, p)
#endif

// A vector of a tensor that is stored either way.
vec OVERLOADED load_vector(__global const float *p) { return load_vec(p); }
vec OVERLOADED load_vector(__global const half *p) {
#if WIDTH == 1
  return vload_half(0, p);
#else
  return JOIN(vload_half, WIDTH)(0, p);
#endif
}
void OVERLOADED store_vector(vec v, __global float *p) { store_vec(v, p); }
void OVERLOADED store_vector(vec v, __global half *p) {
#if WIDTH == 1
  vstore_half(v, 0, p);
#else
  JOIN(vstore_half, WIDTH)(v, 0, p);
#endif
}
