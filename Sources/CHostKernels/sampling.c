#include "CHostKernels.h"
#include "vector.h"

// Bilinear sampling of pictures. A run of points has its places found as one vector; then each point
// reads the pixels around it as vectors of four floats, of which the last is the next pixel's.

enum { run = 16, channels = 3, corner = 4 };

/// Where the points of a run lie: the pixel before each, and the way from there to the next, 0 up to 1.
typedef struct {
  int32_t lefts[run], tops[run];
  float to_right[run], to_bottom[run];
} places;

/// The lower bound for what is no number.
INLINE void clamp(vec16 *value, float low, float high) {
  const vec16 lowest = (vec16){0} + low, highest = (vec16){0} + high;
  *value = __builtin_elementwise_min(__builtin_elementwise_max(*value, lowest), highest);
}

/// Coordinates become positions in pixels on an axis of `size`, as PyTorch's grid_sample finds them.
/// What reads zeros is brought within two pixels of the image, where it still does.
INLINE void find_positions(const tessera_sample_shape *shape, int64_t size, vec16 *values) {
  const float extent = (float)(size - (shape->align_corners ? 1 : 0));
  *values = ((*values + 1.0f) * extent - (shape->align_corners ? 0.0f : 1.0f)) * 0.5f;
  if (shape->padding == tessera_sample_zeros) {
    clamp(values, -2, size + 1);
    return;
  }
  if (shape->padding == tessera_sample_reflection) {
    const float low = shape->align_corners ? 0.0f : -0.5f;
    const vec16 distance = __builtin_elementwise_abs(*values - low);
    const vec16 flips = __builtin_elementwise_floor(distance / extent);
    const vec16 forth = distance - flips * extent, back = extent - forth;
    const ivec16 is_odd = flips != 2 * __builtin_elementwise_floor(flips * 0.5f);
    *values = (vec16)((is_odd & (ivec16)back) | (~is_odd & (ivec16)forth)) + low;
  }
  // The only pixel of an axis without extent, too.
  clamp(values, 0, size - 1);
}

/// Whether a pixel before or after any of the positions is one of `first ..< end`.
INLINE int touches(const vec16 *positions, int64_t first, int64_t end) {
  const ivec16 inside = (*positions >= (float)(first - 1)) & (*positions < (float)end);
  return __builtin_reduce_or(inside);
}

INLINE void split(const vec16 *positions, int32_t *pixels, float *fractions) {
  const vec16 before = __builtin_elementwise_floor(*positions);
  const ivec16 whole = __builtin_convertvector(before, ivec16);
  memcpy(pixels, &whole, sizeof whole);
  STORE16(fractions, *positions - before);
}

/// Places of `count` points of `grid`, at most a run. Whether any pixel of rows `first_row ..< end_row`
/// is among those around them; where none is, there are no places.
INLINE int find_places(
    const tessera_sample_shape *shape, const float *grid, int64_t count, int64_t first_row,
    int64_t end_row, places *result) {
  float pairs[2 * run] = {0};
  memcpy(pairs, grid, 2 * count * sizeof(float));
  const vec16 a = LOAD16(pairs), b = LOAD16(pairs + run);
  vec16 x = __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  vec16 y = __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
  find_positions(shape, shape->height, &y);
  if (!touches(&y, first_row, end_row)) return 0;
  split(&y, result->tops, result->to_bottom);
  find_positions(shape, shape->width, &x);
  split(&x, result->lefts, result->to_right);
  return 1;
}

INLINE vec4 load4(const float *p) { return *(const vec4_any *)p; }

FOR_ALL_LEVELS void tessera_grid_sample(
    const tessera_sample_shape *shape, const float *images, const float *grid, int64_t first,
    int64_t end, float *output) {
  const int64_t row = shape->width * channels;
  for (int64_t start = first; start < end;) {
    const int64_t image = start / shape->points_per_image;
    const int64_t next_image = (image + 1) * shape->points_per_image;
    const int64_t limit = next_image < end ? next_image : end;
    const int64_t count = limit - start < run ? limit - start : run;
    float values[run * channels + corner] = {0};
    places at;
    const int any = find_places(shape, grid + 2 * start, count, 0, shape->height, &at);
    for (int64_t i = 0; any && i < count; i++) {
      const int64_t left = at.lefts[i], top = at.tops[i];
      const float right = at.to_right[i], bottom = at.to_bottom[i];
      const float weights[2][2] = {
        {(1 - bottom) * (1 - right), (1 - bottom) * right},
        {bottom * (1 - right), bottom * right},
      };
      const int64_t pixel = (image * shape->height + top) * row + left * channels;
      float *value = values + i * channels;
      const int has_corners = left >= 0 && (left + 1) * channels + corner <= row && top >= 0
          && top + 1 < shape->height;
      if (has_corners) {
        const float *from = images + pixel;
        *(vec4_any *)value = weights[0][0] * load4(from) + weights[0][1] * load4(from + channels)
            + weights[1][0] * load4(from + row) + weights[1][1] * load4(from + row + channels);
        continue;
      }
      for (int c = 0; c < channels; c++) value[c] = 0;
      for (int y = 0; y < 2; y++) {
        for (int x = 0; x < 2; x++) {
          const int is_inside = top + y >= 0 && top + y < shape->height && left + x >= 0
              && left + x < shape->width;
          if (!is_inside) continue;
          const float *from = images + pixel + y * row + x * channels;
          for (int c = 0; c < channels; c++) value[c] += weights[y][x] * from[c];
        }
      }
    }
    memcpy(output + start * channels, values, count * channels * sizeof(float));
    start += count;
  }
}

FOR_ALL_LEVELS void tessera_grid_sample_grad_input(
    const tessera_sample_shape *shape, const float *grid, const float *gradient, int64_t image,
    int64_t first_row, int64_t end_row, float *output) {
  const int64_t row = shape->width * channels;
  float *target = output + image * shape->height * row;
  memset(target + first_row * row, 0, (end_row - first_row) * row * sizeof(float));
  const int64_t end = (image + 1) * shape->points_per_image;
  for (int64_t start = image * shape->points_per_image; start < end; start += run) {
    const int64_t count = end - start < run ? end - start : run;
    places at;
    if (!find_places(shape, grid + 2 * start, count, first_row, end_row, &at)) continue;
    for (int64_t i = 0; i < count; i++) {
      const int64_t left = at.lefts[i], top = at.tops[i];
      const float *incoming = gradient + (start + i) * channels;
      for (int y = 0; y < 2; y++) {
        if (top + y < first_row || top + y >= end_row) continue;
        const float weight = y == 0 ? 1 - at.to_bottom[i] : at.to_bottom[i];
        const float right = weight * at.to_right[i];
        float *pixel = target + (top + y) * row + left * channels;
        if (left >= 0 && left < shape->width) {
          for (int c = 0; c < channels; c++) pixel[c] += (weight - right) * incoming[c];
        }
        if (left + 1 >= 0 && left + 1 < shape->width) {
          for (int c = 0; c < channels; c++) pixel[channels + c] += right * incoming[c];
        }
      }
    }
  }
}
