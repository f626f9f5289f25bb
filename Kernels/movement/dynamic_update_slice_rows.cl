// out is x [outer, extent, inner] with rows from start[0] on replaced by update [outer, updated, inner].
// One work-item a row. out may be x, of which then nothing is copied, so neither is restrict.

__kernel void dynamic_update_slice_rows(__global const float *x, __global const float *update,
                                        __global const int *start, __global float *out, int count,
                                        int extent, int inner, int updated) {
  const int row = get_global_id(0);
  if (row >= count) return;
  const int own = row % extent - clamp(start[0], 0, extent - updated);
  __global const float *from = x + (size_t)row * inner;
  __global float *to = out + (size_t)row * inner;
  if (own >= 0 && own < updated)
    from = update + (size_t)(row / extent * updated + own) * inner;
  else if (from == to)
    return;
  for (int i = 0; i < inner; i++) to[i] = from[i];
}
