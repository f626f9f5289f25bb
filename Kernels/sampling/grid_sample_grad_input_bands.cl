// Gradient of bilinear sampling with respect to the image, for CPUs: grid [images *
// points_per_image, 2], gradient [.., CHANNELS], out [images,H,W,CHANNELS].
// One work-item owns a band of rows of one image: it reads all of the image's points and adds, in
// their order, what falls into its rows. The result does not depend on the number of bands.

#include "common/real.cl"
#include "common/sampling.cl"

#ifndef CHANNELS
#define CHANNELS 3
#endif

VECTOR_KERNEL
void grid_sample_grad_input_bands(__global const float *restrict grid,
                                  __global const float *restrict gradient,
                                  __global float *restrict out, int bands, int points_per_image,
                                  int height, int width, int padding, int align_corners) {
  const int image = get_global_id(0) / bands, band = get_global_id(0) % bands;
  const int first_row = band * height / bands, end_row = (band + 1) * height / bands;
  const int row = width * CHANNELS;
  __global float *target = out + (size_t)image * height * row;
  for (int i = first_row * row; i < end_row * row; i++) target[i] = 0.0f;

  const int end = (image + 1) * points_per_image;
  for (int first = image * points_per_image; first < end; first += RUN) {
    const int count = min(RUN, end - first);
    float xs[RUN], ys[RUN];
    for (int i = 0; i < RUN; i++) {
      const size_t point = first + min(i, count - 1);
      xs[i] = grid[2 * point];
      ys[i] = grid[2 * point + 1];
    }
    const float16 v = sample_positions(load16(ys), height, padding, align_corners);
    if (!any(v >= first_row - 1.0f && v < (float)end_row)) continue;
    const float16 u = sample_positions(load16(xs), width, padding, align_corners);
    int lefts[RUN], tops[RUN];
    split_positions(u, lefts, xs);
    split_positions(v, tops, ys);
    for (int i = 0; i < count; i++) {
      const int left = lefts[i], top = tops[i];
      const bool has_left = left >= 0 && left < width, has_right = left >= -1 && left + 1 < width;
      __global const float *incoming = gradient + (size_t)(first + i) * CHANNELS;
      for (int y = max(top, first_row); y <= top + 1 && y < end_row; y++) {
        const float weight = y == top ? 1.0f - ys[i] : ys[i];
        const float right_weight = weight * xs[i], left_weight = weight - right_weight;
        __global float *pixel = target + y * row + left * CHANNELS;
        if (has_left)
          for (int c = 0; c < CHANNELS; c++) pixel[c] += left_weight * incoming[c];
        if (has_right)
          for (int c = 0; c < CHANNELS; c++) pixel[CHANNELS + c] += right_weight * incoming[c];
      }
    }
  }
}
