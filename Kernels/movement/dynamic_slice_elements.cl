// Rows of x [outer, extent, inner] from start[0] on: out [outer, taken, inner]. One work-item an element.

__kernel void dynamic_slice_elements(__global const float *restrict x,
                                     __global const int *restrict start, __global float *restrict out,
                                     int count, int extent, int inner, int taken) {
  const int i = get_global_id(0);
  if (i >= count) return;
  const int row = i / inner, outer = row / taken;
  const int source = outer * extent + row % taken + clamp(start[0], 0, extent - taken);
  out[i] = x[(size_t)source * inner + i % inner];
}
