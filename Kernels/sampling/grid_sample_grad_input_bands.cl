// Gradient of bilinear sampling with respect to the image, for CPUs: grid [images *
// points_per_image, 2], gradient [.., C], out [images,H,W,C].
// One work-item owns a band of rows of one image: it reads all of the image's points and adds, in
// their order, what falls into its rows. The result does not depend on the number of bands.

#include "common/sampling.cl"

__kernel void grid_sample_grad_input_bands(
    __global const float *restrict grid, __global const float *restrict gradient,
    __global float *restrict out, int images, int bands, int points_per_image, int height,
    int width, int channels, int padding, int align_corners) {
  const int image = get_global_id(0) / bands, band = get_global_id(0) % bands;
  if (image >= images) return;
  const int first_row = band * height / bands, end_row = (band + 1) * height / bands;
  __global float *target = out + (size_t)image * height * width * channels;
  for (int i = first_row * width * channels; i < end_row * width * channels; i++) target[i] = 0.0f;

  const int end = (image + 1) * points_per_image;
  for (int point = image * points_per_image; point < end; point++) {
    float slope;
    const float v = sample_position(grid[2 * point + 1], height, padding, align_corners, &slope);
    const int top = (int)floor(v);
    if (top + 1 < first_row || top >= end_row) continue;
    const float u = sample_position(grid[2 * point], width, padding, align_corners, &slope);
    const int left = (int)floor(u);
    __global const float *incoming = gradient + (size_t)point * channels;
    for (int y = max(top, first_row); y <= top + 1 && y < end_row; y++) {
      for (int x = max(left, 0); x <= left + 1 && x < width; x++) {
        const float weight = (1.0f - fabs(u - x)) * (1.0f - fabs(v - y));
        __global float *pixel = target + (y * width + x) * channels;
        for (int c = 0; c < channels; c++) pixel[c] += weight * incoming[c];
      }
    }
  }
}
