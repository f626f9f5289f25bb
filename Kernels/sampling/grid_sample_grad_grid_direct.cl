// Gradient of bilinear sampling with respect to the grid: in [images,H,W,C], grid and out
// [points,2], gradient [points,C]. Each image serves points_per_image points in a row.
// One work-item a point.

#include "common/sampling.cl"

__kernel void grid_sample_grad_grid_direct(
    __global const float *restrict in, __global const float *restrict grid,
    __global const float *restrict gradient, __global float *restrict out, int points,
    int points_per_image, int height, int width, int channels, int padding, int align_corners) {
  const int point = get_global_id(0);
  if (point >= points) return;
  float u_slope, v_slope;
  const float u = sample_position(grid[2 * point], width, padding, align_corners, &u_slope);
  const float v = sample_position(grid[2 * point + 1], height, padding, align_corners, &v_slope);
  const int left = (int)floor(u), top = (int)floor(v);
  const float right_weight = u - left, bottom_weight = v - top;
  __global const float *image = in + (size_t)(point / points_per_image) * height * width * channels;
  __global const float *incoming = gradient + (size_t)point * channels;
  float du = 0.0f, dv = 0.0f;
  for (int corner = 0; corner < 4; corner++) {
    const int is_right = corner & 1, is_bottom = corner >> 1;
    const int x = left + is_right, y = top + is_bottom;
    if (x < 0 || x >= width || y < 0 || y >= height) continue;
    __global const float *pixel = image + (y * width + x) * channels;
    float product = 0.0f;
    for (int c = 0; c < channels; c++) product += incoming[c] * pixel[c];
    du += (is_right ? product : -product) * (is_bottom ? bottom_weight : 1.0f - bottom_weight);
    dv += (is_bottom ? product : -product) * (is_right ? right_weight : 1.0f - right_weight);
  }
  out[2 * point] = du * u_slope;
  out[2 * point + 1] = dv * v_slope;
}
