// Zeros around one axis: out[o, t] = in[o, t - before] where that exists, else 0, for `count`
// elements. `t` counts elements of the padded axis and everything inside it; `total`, `before` and
// `length` are in those elements. A work-item writes RUN elements.

#include "common/real.cl"

#ifndef RUN
#define RUN 1
#endif

__kernel void pad_copy(__global const IN0 *restrict in, __global OUT *restrict out, int count,
                       int total, int before, int length) {
  const int end = min(((int)get_global_id(0) + 1) * RUN, count);
  for (int i = get_global_id(0) * RUN; i < end;) {
    const int t = i % total - before;
    const int is_copied = t >= 0 && t < length;
    const int next = t < 0 ? 0 : t < length ? length : total - before;  // where that changes
    const int stop = min(end, i - t + next);
    __global const IN0 *source = in + (is_copied ? i / total * length + t : 0);
    if (is_copied)
      for (int k = 0; k < stop - i; k++) store(load(source + k), out + i + k);
    else
      for (int k = i; k < stop; k++) store(0.0f, out + k);
    i = stop;
  }
}
