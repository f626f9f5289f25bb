// A chain of pointwise ops on a CPU, 16 elements at a time: the v-th vector of `out` is
// POINTWISE(16 * v) for v < count.
// The chain is generated from the ops' expressions (PointwiseProgram+OpenCL.swift) and put before
// this file; without one the kernel copies. A work-item computes VECTORS vectors that follow each
// other. out may be an input that is read at the same vector alone, so neither is restrict.

#include "common/real.cl"

#ifndef POINTWISE
#define POINTWISE_PARAMETERS __global const float *in0,
#define POINTWISE(i) load16(in0 + (i))
#endif
#ifndef VECTORS
#define VECTORS 64  // vectors a work-item
#endif

VECTOR_KERNEL
void pointwise_vectors(POINTWISE_PARAMETERS __global OUT *out, uint count) {
  const uint first = get_global_id(0) * VECTORS;
  const uint end = min(first + VECTORS, count);
  for (uint v = first; v < end; v++) store16(POINTWISE(v * 16), out + v * 16);
}
