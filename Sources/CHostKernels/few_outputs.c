#include "CHostKernels.h"
#include "vector.h"

// Vectors lie along the channels, since a few outputs would leave most of one empty: of a block of
// neighbouring pixels each output has a vector of sums, which are added up at the end.

// Sums that 32 registers hold beside what is read; where there are 16, those spill.
enum { lanes = 16, most_outputs = 4, most_sums = 24 };

INLINE float total(const vec16 *sums) {
  float values[lanes];
  STORE16(values, *sums);
  for (int half = lanes / 2; half > 0; half /= 2)
    for (int i = 0; i < half; i++) values[i] += values[i + half];
  return values[0];
}

/// y[i, k] += x[i * step ..< i * step + length] · taps of output k, for `pixels` pixels and a length above
/// 0; fetches as much of `next`.
INLINE void add_run(
    int pixels, int outputs, vec16 *sums, const float *x, int64_t step, const float *taps,
    int64_t length, const float *next) {
  int64_t c = 0;
  do {
    __builtin_prefetch(next + c);
    vec16 tap[most_outputs];
    for (int k = 0; k < outputs; k++) tap[k] = LOAD16(taps + lanes * k);
    for (int i = 0; i < pixels; i++) {
      const vec16 value = LOAD16(x + i * step + c);
      for (int k = 0; k < outputs; k++) sums[i * outputs + k] += value * tap[k];
    }
    c += lanes;
    taps += lanes * outputs;
  } while (c < length);
}

/// `pixels` pixels of row `p` of an image, from column `q` on. A row of the kernel covers neighbouring
/// pixels: one run of columns and channels. Of a single pixel it may reach beyond the image.
INLINE void convolve_pixels(
    int pixels, int outputs, const tessera_few_outputs_shape *it, const float *image,
    const float *taps, int64_t p, int64_t q, const float **next, float *y) {
  vec16 sums[most_sums] = {{0}};
  const int64_t top = p * it->stride_h - it->padding_top;
  const int64_t left = q * it->stride_w - it->padding_left;
  const int64_t from = left < 0 ? -left : 0;
  const int64_t rest = it->width - left;
  const int64_t count = (rest < it->kernel_width ? rest : it->kernel_width) - from;
  const int64_t below = it->height - top;
  const int64_t end = count <= 0 ? 0 : below < it->kernel_height ? below : it->kernel_height;
  for (int64_t r = top < 0 ? -top : 0; r < end; r++) {
    add_run(
        pixels, outputs, sums, image + ((top + r) * it->width + left + from) * it->channels,
        it->stride_w * it->channels,
        taps + (r * it->kernel_width + from) * it->channels * outputs, count * it->channels,
        *next);
    *next += count * it->channels;
  }
  for (int i = 0; i < pixels * outputs; i++) y[i] = total(sums + i);
}

INLINE void convolve_rows(
    int outputs, const tessera_few_outputs_shape *it, const float *x, const float *taps,
    int64_t first, int64_t end, float *y) {
  const int pixels = most_sums / outputs;
  for (int64_t row = first; row < end; row++) {
    const int64_t p = row % it->out_height;
    const float *image = x + row / it->out_height * it->height * it->width * it->channels;
    // What the next row reads and this one does not.
    int64_t below = p * it->stride_h - it->padding_top + it->kernel_height;
    if (below > it->height - 1) below = it->height - 1;
    const float *next = image + (below < 0 ? 0 : below) * it->width * it->channels;
    for (int64_t q = 0; q < it->out_width;) {
      float *target = y + (row * it->out_width + q) * outputs;
      const int64_t left = q * it->stride_w - it->padding_left;
      const int64_t end_column = left + (pixels - 1) * it->stride_w + it->kernel_width;
      if (left >= 0 && end_column <= it->width && q + pixels <= it->out_width) {
        convolve_pixels(pixels, outputs, it, image, taps, p, q, &next, target);
        q += pixels;
      } else {
        convolve_pixels(1, outputs, it, image, taps, p, q, &next, target);
        q++;
      }
    }
  }
}

FOR_ALL_LEVELS void tessera_few_outputs_rows(
    const tessera_few_outputs_shape *it, const float *x, const float *taps, int64_t first,
    int64_t end, float *y) {
  switch (it->outputs) {
    case 1: convolve_rows(1, it, x, taps, first, end, y); break;
    case 2: convolve_rows(2, it, x, taps, first, end, y); break;
    case 3: convolve_rows(3, it, x, taps, first, end, y); break;
    default: convolve_rows(4, it, x, taps, first, end, y); break;
  }
}

void tessera_few_outputs_pack(
    const tessera_few_outputs_shape *it, const float *weights, float *taps) {
  const int64_t count = it->kernel_height * it->kernel_width * it->channels;
  for (int64_t c = 0; c < count; c++)
    for (int64_t k = 0; k < it->outputs; k++)
      taps[c / lanes * lanes * it->outputs + k * lanes + c % lanes] = weights[c * it->outputs + k];
}
