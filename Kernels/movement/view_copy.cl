// Copies a view: out[i] = in[offset + x0 * stride0 + ... + x3 * stride3] for i < count, where x are
// the coordinates of i over extents of which the first is not needed. One text for all shapes: a
// weight brought into another order costs no compiling. A work-item copies RUN elements.

#include "common/real.cl"

#ifndef RUN
#define RUN 1
#endif

__kernel void view_copy(__global const IN0 *in, __global OUT *out, uint count, int offset,
                        uint extent1, uint extent2, uint extent3, int stride0, int stride1,
                        int stride2, int stride3) {
  const uint end = min((uint)(get_global_id(0) + 1) * RUN, count);
  for (uint i = get_global_id(0) * RUN; i < end;) {
    const uint row = i / extent3, plane = row / extent2;
    const uint x0 = plane / extent1, x1 = plane % extent1, x2 = row % extent2, x3 = i % extent3;
    __global const IN0 *source = in + offset + (int)x0 * stride0 + (int)x1 * stride1
                                 + (int)x2 * stride2 + (int)x3 * stride3;
    const int length = min(end - i, extent3 - x3);
    for (int k = 0; k < length; k++) store(load(source + k * stride3), out + i + k);
    i += length;
  }
}
