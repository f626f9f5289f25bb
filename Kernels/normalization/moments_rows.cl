// Mean and 1 / sqrt(variance + epsilon) of contiguous rows: in [count, length], out [2, count].
// One work-group a row, which it reads twice: for the mean, then for differences to it.

#include "common/reduction.cl"
#include "common/vector.cl"

__kernel __attribute__((reqd_work_group_size(LOCAL, 1, 1)))
void moments_rows(__global const IN0 *restrict in, __global float *restrict out, int count,
                  int length, float epsilon) {
  __local float shared[LOCAL];
  const int id = get_local_id(0);
  const int whole = length / WIDTH * WIDTH;
  __global const IN0 *row = in + (size_t)get_group_id(0) * length;

  vec sums = 0.0f;
  for (int k = id * WIDTH; k < whole; k += LOCAL * WIDTH) sums += load_vector(row + k);
  float sum = vec_sum(sums);
  for (int k = whole + id; k < length; k += LOCAL) sum += load(row + k);
  const float mean = group_sum(sum, shared) / length;

  vec squares = 0.0f;
  for (int k = id * WIDTH; k < whole; k += LOCAL * WIDTH) {
    const vec step = load_vector(row + k) - mean;
    squares += step * step;
  }
  float square = vec_sum(squares);
  for (int k = whole + id; k < length; k += LOCAL) {
    const float step = load(row + k) - mean;
    square += step * step;
  }
  square = group_sum(square, shared);

  if (id == 0) {
    out[get_group_id(0)] = mean;
    out[count + get_group_id(0)] = 1.0f / sqrt(square / length + epsilon);
  }
}
