// Gradient of a gather: out[k, d] = sum, in order, of gradient[p, d] over the positions p whose
// index is k (an index outside is clamped). One work-item an element of the table; it reads all
// indices, so nothing is written twice.

__kernel void gather_grad_table_rows(__global const float *restrict gradient,
                                     __global const int *restrict indices,
                                     __global float *restrict out, int positions, int rows,
                                     int depth) {
  const int i = get_global_id(0);
  if (i >= rows * depth) return;
  const int row = i / depth;
  float sum = 0.0f;
  for (int p = 0; p < positions; p++)
    if (clamp(indices[p], 0, rows - 1) == row) sum += gradient[(size_t)p * depth + i % depth];
  out[i] = sum;
}
