// Bilinear sampling: in [images,H,W,C], grid [points,2] (x, y), out [points,C].
// Each image serves points_per_image points in a row. One work-item a point.

#include "common/numeric.cl"
#include "common/sampling.cl"

__kernel void grid_sample_direct(
    __global const float *restrict in, __global const float *restrict grid,
    __global float *restrict out, int points, int points_per_image, int height, int width,
    int channels, int padding, int align_corners EPILOGUE_PARAMETERS) {
  const int point = get_global_id(0);
  if (point >= points) return;
  float slope;
  const float u = sample_position(grid[2 * point], width, padding, align_corners, &slope);
  const float v = sample_position(grid[2 * point + 1], height, padding, align_corners, &slope);
  const int left = (int)floor(u), top = (int)floor(v);
  const bool has_left = left >= 0 && left < width, has_right = left >= -1 && left + 1 < width;
  const bool has_top = top >= 0 && top < height, has_bottom = top >= -1 && top + 1 < height;
  const float right_weight = u - left, bottom_weight = v - top;
  const float top_weight = 1.0f - bottom_weight, left_weight = 1.0f - right_weight;
  const int row = width * channels;
  __global const float *image = in + (size_t)(point / points_per_image) * height * row;
  const int corner = top * row + left * channels;
  for (int c = 0; c < channels; c++) {
    float value = 0.0f;
    if (has_top && has_left) value += top_weight * left_weight * image[corner + c];
    if (has_top && has_right) value += top_weight * right_weight * image[corner + channels + c];
    if (has_bottom && has_left) value += bottom_weight * left_weight * image[corner + row + c];
    if (has_bottom && has_right)
      value += bottom_weight * right_weight * image[corner + row + channels + c];
    const int index = point * channels + c;
    out[index] = EPILOGUE(value, index);
  }
}
