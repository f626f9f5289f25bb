// Zeros around one axis: out[o, t] = in[o, t - before] where that exists, else 0.
// `t` counts elements of the padded axis and everything inside it; `total`, `before` and `length`
// are in those elements. One work-item an element of the output.

#include "common/real.cl"

__kernel void pad_copy(__global const IN0 *restrict in, __global OUT *restrict out, int count,
                       int total, int before, int length) {
  const int i = get_global_id(0);
  if (i >= count) return;
  const int t = i % total - before;
  store(t >= 0 && t < length ? load(in + i / total * length + t) : 0.0f, out + i);
}
