// Gradient of bilinear sampling with respect to the image, for GPUs: grid [points,2], gradient
// [points,C]; adds to words [images,H,W,C,2], the sums in fixed point (common/fixed_point.cl).
// largest holds LOCAL partial maxima of |gradient|; `bits` leaves room for points_per_image terms.
// One work-item a point. The sums are whole numbers, so no schedule changes them.

#include "common/fixed_point.cl"
#include "common/reduction.cl"
#include "common/sampling.cl"

__kernel __attribute__((reqd_work_group_size(LOCAL, 1, 1)))
void grid_sample_grad_input_fixed(
    __global const float *restrict grid, __global const float *restrict gradient,
    __global const float *restrict largest, volatile __global uint *restrict words, int points,
    int points_per_image, int height, int width, int channels, int padding, int align_corners,
    int bits) {
  __local float shared[LOCAL];
  const float bound = group_max(largest[get_local_id(0)], shared);
  const int point = get_global_id(0);
  if (point >= points || isinf(bound)) return;
  const int exponent = fixed_point_exponent(bound, bits);
  float slope;
  const float u = sample_position(grid[2 * point], width, padding, align_corners, &slope);
  const float v = sample_position(grid[2 * point + 1], height, padding, align_corners, &slope);
  const int left = (int)floor(u), top = (int)floor(v);
  const size_t image = (size_t)(point / points_per_image) * height * width * channels;
  __global const float *incoming = gradient + (size_t)point * channels;
  for (int y = max(top, 0); y <= top + 1 && y < height; y++) {
    for (int x = max(left, 0); x <= left + 1 && x < width; x++) {
      const float weight = (1.0f - fabs(u - x)) * (1.0f - fabs(v - y));
      volatile __global uint *pixel = words + 2 * (image + (y * width + x) * channels);
      for (int c = 0; c < channels; c++)
        fixed_point_add(pixel + 2 * c, weight * incoming[c], exponent);
    }
  }
}
