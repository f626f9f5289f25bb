// Rows of a table: out[p, d] = table[indices[p], d], with table [rows, depth]; an index outside it
// is clamped. One work-item an element of the output.

__kernel void gather_rows(__global const float *restrict table,
                          __global const int *restrict indices, __global float *restrict out,
                          int count, int rows, int depth) {
  const int i = get_global_id(0);
  if (i >= count) return;
  const int row = clamp(indices[i / depth], 0, rows - 1);
  out[i] = table[(size_t)row * depth + i % depth];
}
