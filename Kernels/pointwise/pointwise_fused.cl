// A chain of pointwise ops, one work-item an element: out[i] = POINTWISE(i) for i < count.
// The chain is generated from the ops' expressions (PointwiseProgram+OpenCL.swift) and put before this
// file; without one the kernel copies. out may be an input that is read at i alone, so neither is
// restrict.

#include "common/real.cl"

#ifndef POINTWISE
#define POINTWISE_PARAMETERS __global const float *in0,
#define POINTWISE(i) in0[i]
#endif

__kernel void pointwise_fused(POINTWISE_PARAMETERS __global OUT *out, uint count) {
  const uint i = get_global_id(0);
  if (i < count) store(POINTWISE(i), out + i);
}
