// Means of g and of g * (x - mean) * rstd over contiguous rows: gradient and x [count, length],
// moments [2, count] (mean, then rstd), out [2, count]. One work-group a row.

#include "common/reduction.cl"
#include "common/vector.cl"

__kernel __attribute__((reqd_work_group_size(LOCAL, 1, 1)))
void standardize_grad_means_rows(__global const IN0 *restrict gradient,
                                 __global const IN1 *restrict x,
                                 __global const float *restrict moments,
                                 __global float *restrict out, int count, int length) {
  __local float shared[LOCAL];
  const int id = get_local_id(0);
  const int row = get_group_id(0);
  const int whole = length / WIDTH * WIDTH;
  const float mean = moments[row];
  gradient += (size_t)row * length;
  x += (size_t)row * length;

  vec sums = 0.0f;
  vec products = 0.0f;
  for (int k = id * WIDTH; k < whole; k += LOCAL * WIDTH) {
    const vec g = load_vector(gradient + k);
    sums += g;
    products += g * (load_vector(x + k) - mean);
  }
  float sum = vec_sum(sums);
  float product = vec_sum(products);
  for (int k = whole + id; k < length; k += LOCAL) {
    const float g = load(gradient + k);
    sum += g;
    product += g * (load(x + k) - mean);
  }
  sum = group_sum(sum, shared);
  product = group_sum(product, shared);

  if (id == 0) {
    out[row] = sum / length;
    out[count + row] = product * moments[count + row] / length;
  }
}
