// Bilinear sampling on a CPU: in [images,H,W,CHANNELS], grid [points,2] (x, y), out
// [points,CHANNELS]. Each image serves points_per_image points in a row, a multiple of RUN.
// A work-item takes RUNS runs of RUN points.

#include "common/numeric.cl"
#include "common/real.cl"
#include "common/sampling.cl"

#ifndef CHANNELS
#define CHANNELS 3
#endif
#ifndef RUNS
#define RUNS 64
#endif

#define READ 4  // floats that are read at a corner, of which CHANNELS count

// Whether each corner of a point, and what is read beside it, lies in an image's row.
static bool is_inside(int left, int top, int height, int width) {
  return left >= 0 && (left + 1) * CHANNELS + READ <= width * CHANNELS && top >= 0
         && top + 1 < height;
}

VECTOR_KERNEL
void grid_sample_runs(__global const float *restrict in, __global const float *restrict grid,
                      __global float *restrict out, int points, int points_per_image, int height,
                      int width, int padding, int align_corners EPILOGUE_PARAMETERS) {
  const int row = width * CHANNELS;
  const int start = get_global_id(0) * RUNS * RUN;
  for (int first = start; first < min(start + RUNS * RUN, points); first += RUN) {
    __global const float *image = in + (size_t)(first / points_per_image) * height * row;
    float xs[RUN], ys[RUN];
    for (int i = 0; i < RUN; i++) {
      xs[i] = grid[2 * (first + i)];
      ys[i] = grid[2 * (first + i) + 1];
    }
    const float16 u = sample_positions(load16(xs), width, padding, align_corners);
    const float16 v = sample_positions(load16(ys), height, padding, align_corners);
    int lefts[RUN], tops[RUN];
    split_positions(u, lefts, xs);
    split_positions(v, tops, ys);
    float values[RUN * CHANNELS + READ];
    for (int i = 0; i < RUN; i++) {
      const int left = lefts[i], top = tops[i];
      const bool has_left = left >= 0 && left < width, has_right = left >= -1 && left + 1 < width;
      const bool has_top = top >= 0 && top < height, has_bottom = top >= -1 && top + 1 < height;
      const float right_weight = xs[i], bottom_weight = ys[i];
      const float top_weight = 1.0f - bottom_weight, left_weight = 1.0f - right_weight;
      __global const float *pixel = image + top * row + left * CHANNELS;
      if (CHANNELS <= READ && is_inside(left, top, height, width)) {
        float4 value = top_weight * left_weight * vload4(0, pixel);
        value += top_weight * right_weight * vload4(0, pixel + CHANNELS);
        value += bottom_weight * left_weight * vload4(0, pixel + row);
        value += bottom_weight * right_weight * vload4(0, pixel + row + CHANNELS);
        vstore4(value, 0, values + i * CHANNELS);
        continue;
      }
      for (int c = 0; c < CHANNELS; c++) {
        float value = 0.0f;
        if (has_top && has_left) value += top_weight * left_weight * pixel[c];
        if (has_top && has_right) value += top_weight * right_weight * pixel[CHANNELS + c];
        if (has_bottom && has_left) value += bottom_weight * left_weight * pixel[row + c];
        if (has_bottom && has_right)
          value += bottom_weight * right_weight * pixel[row + CHANNELS + c];
        values[i * CHANNELS + c] = value;
      }
    }
    for (int j = 0; j < CHANNELS; j++) {
      const size_t index = (size_t)first * CHANNELS + 16 * j;
      store16(EPILOGUE16(load16(values + 16 * j), index), out + index);
    }
  }
}
