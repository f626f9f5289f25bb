#include "CHostKernels.h"
#include "vector.h"

// Vectors are along the channels. A block of neighbouring pixels is computed for all its channels
// before the next, so that memory is read in its order; the rows of a window stay in the caches.

enum { lanes = 16, block_pixels = 4, most_sums = 8 };

/// Taps of a window that lie in the image: a grid of rows and columns, and the distance in floats
/// from one to the next in the image and in the weights.
typedef struct {
  int64_t rows, columns;
  int64_t x_row, x_column, w_row, w_column;
} window;

/// y[i, c] = Σ x[i, tap, c] · w[tap, c] for `pixels` pixels, `x_step` floats apart in the image and
/// `y_step` in the output, and `vectors` vectors of channels.
INLINE void convolve_vectors(
    int pixels, int vectors, int columns, const window *it, const float *x, int64_t x_step,
    const float *w, float *y, int64_t y_step) {
  vec16 sums[most_sums] = {{0}};
  for (int64_t r = 0; r < it->rows; r++, x += it->x_row, w += it->w_row) {
    const float *source = x, *taps = w;
    for (int s = 0; s < columns; s++, source += it->x_column, taps += it->w_column)
      for (int v = 0; v < vectors; v++) {
        const vec16 tap = LOAD16(taps + lanes * v);
        for (int i = 0; i < pixels; i++)
          sums[v * pixels + i] += LOAD16(source + i * x_step + lanes * v) * tap;
      }
  }
  for (int v = 0; v < vectors; v++)
    for (int i = 0; i < pixels; i++) STORE16(y + i * y_step + lanes * v, sums[v * pixels + i]);
}

/// All channels, in vectors enough to overlap the latency of additions, and then one by one.
INLINE void convolve_pixels(
    int pixels, int columns, const window *it, const float *x, int64_t x_step, const float *w,
    int64_t channels, float *y, int64_t y_step) {
  const int vectors = most_sums / pixels, width = vectors * lanes;
  int64_t c = 0;
  for (; c + width <= channels; c += width)
    convolve_vectors(pixels, vectors, columns, it, x + c, x_step, w + c, y + c, y_step);
  for (; c + lanes <= channels; c += lanes)
    convolve_vectors(pixels, 1, columns, it, x + c, x_step, w + c, y + c, y_step);
  for (; c < channels; c++) {
    for (int i = 0; i < pixels; i++) {
      float sum = 0;
      for (int64_t r = 0; r < it->rows; r++)
        for (int s = 0; s < columns; s++)
          sum += x[r * it->x_row + s * it->x_column + i * x_step + c]
                 * w[r * it->w_row + s * it->w_column + c];
      y[i * y_step + c] = sum;
    }
  }
}

/// The same with the loop over a window's columns unrolled where it is a usual one.
INLINE void convolve_block(
    int pixels, const window *it, const float *x, int64_t x_step, const float *w,
    int64_t channels, float *y, int64_t y_step) {
  switch (it->columns) {
    case 3: convolve_pixels(pixels, 3, it, x, x_step, w, channels, y, y_step); break;
    case 5: convolve_pixels(pixels, 5, it, x, x_step, w, channels, y, y_step); break;
    default:
      convolve_pixels(pixels, (int)it->columns, it, x, x_step, w, channels, y, y_step);
  }
}

/// The taps from `*first` on, `step` apart, that see a pixel along an axis of `extent` pixels,
/// `dilation` apart, in a window that begins at `position`. `*source` is the first one's pixel.
/// - Returns: their number.
static int64_t taps_inside(
    int64_t position, int64_t kernel, int64_t dilation, int64_t extent, int64_t *first,
    int64_t *source) {
  int64_t tap = position < 0 ? -position : 0;
  tap += (dilation - (position + tap) % dilation) % dilation;
  *first = tap;
  *source = (position + tap) / dilation;
  if (tap >= kernel || *source >= extent) return 0;
  const int64_t count = (kernel - 1 - tap) / dilation + 1, rest = extent - *source;
  return count < rest ? count : rest;
}

/// Strides until windows cover pixels at the same distances again: whole dilations.
static int64_t phase_count(int64_t stride, int64_t dilation) {
  int64_t count = 1;
  while (count * stride % dilation != 0) count++;
  return count;
}

/// Rounded down, of `b` above 0.
static int64_t floor_divided(int64_t a, int64_t b) { return a / b - (a % b < 0); }

/// Every `phases`-th column of an output from one on: the pixels whose windows cover the image's at the
/// same distances.
typedef struct {
  int64_t pixels;
  /// The pixels `from ..< to`, whose windows are whole: their first tap, its column of the image for
  /// the pixel 0, and the number of taps.
  int64_t from, to, tap, column, taps;
} phase_columns;

static phase_columns columns_of_phase(
    const tessera_depthwise_shape *it, int64_t phase, int64_t phases, int64_t column_step) {
  const int64_t position = phase * it->stride_w - it->padding_left;
  phase_columns columns = {.pixels = (it->out_width - phase + phases - 1) / phases};
  columns.tap = (it->dilation_w - position % it->dilation_w) % it->dilation_w;
  if (columns.tap >= it->kernel_width) {  // The windows have nothing but zeros between pixels.
    columns.to = columns.pixels;
    return columns;
  }
  columns.taps = (it->kernel_width - 1 - columns.tap) / it->dilation_w + 1;
  columns.column = (position + columns.tap) / it->dilation_w;
  columns.from = columns.column < 0 ? (column_step - 1 - columns.column) / column_step : 0;
  columns.to = floor_divided(it->width - columns.taps - columns.column, column_step) + 1;
  if (columns.to > columns.pixels) columns.to = columns.pixels;
  return columns;
}

/// The pixels of a row of `y` in one phase, from the row `x` of the image on.
INLINE void convolve_phase(
    const tessera_depthwise_shape *it, const phase_columns *columns, int64_t phase,
    int64_t phases, int64_t column_step, window taps, const float *x, const float *w, float *y) {
  const int64_t channels = it->channels, x_step = column_step * channels;
  const int64_t y_step = phases * channels;
  for (int64_t i = 0; i < columns->pixels;) {
    float *target = y + (phase + i * phases) * channels;
    if (i >= columns->from && i < columns->to) {
      taps.columns = columns->taps;
      const float *source = taps.columns > 0 ? x + columns->column * channels + i * x_step : x;
      const float *weights = taps.columns > 0 ? w + columns->tap * channels : w;
      if (i + block_pixels <= columns->to) {
        convolve_block(block_pixels, &taps, source, x_step, weights, channels, target, y_step);
        i += block_pixels;
        continue;
      }
      convolve_block(1, &taps, source, 0, weights, channels, target, 0);
    } else {
      int64_t tap, column;
      taps.columns = taps_inside(
          (phase + i * phases) * it->stride_w - it->padding_left, it->kernel_width,
          it->dilation_w, it->width, &tap, &column);
      const int has_taps = taps.columns > 0;
      convolve_block(1, &taps, has_taps ? x + column * channels : x, 0,
                     has_taps ? w + tap * channels : w, channels, target, 0);
    }
    i++;
  }
}

FOR_ALL_LEVELS void tessera_depthwise_rows(
    const tessera_depthwise_shape *it, const float *x, const float *weights, int64_t first,
    int64_t end, float *y) {
  const int64_t channels = it->channels, pitch = it->width * channels;
  const int64_t phases = phase_count(it->stride_w, it->dilation_w);
  const int64_t column_step = phases * it->stride_w / it->dilation_w;
  for (int64_t phase = 0; phase < phases && phase < it->out_width; phase++) {
    const phase_columns columns = columns_of_phase(it, phase, phases, column_step);
    for (int64_t row = first; row < end; row++) {
      const float *image = x + row / it->out_height * it->height * pitch;
      window taps = {
        .x_row = pitch, .x_column = channels, .w_column = it->dilation_w * channels,
        .w_row = it->dilation_h * it->kernel_width * channels};
      int64_t tap, h;
      taps.rows = taps_inside(
          row % it->out_height * it->stride_h - it->padding_top, it->kernel_height,
          it->dilation_h, it->height, &tap, &h);
      const int has_taps = taps.rows > 0;
      convolve_phase(
          it, &columns, phase, phases, column_step, taps, has_taps ? image + h * pitch : x,
          has_taps ? weights + tap * it->kernel_width * channels : weights,
          y + row * it->out_width * channels);
    }
  }
}

// MARK: Gradient of the weights

/// Pixels whose products are added up in registers.
enum { run_pixels = 16 };

/// sums[s, c] += Σ x[i, s, c] · g[i, c] over `pixels` pixels, for `columns` neighbouring taps.
INLINE void add_products(
    int columns, int64_t pixels, const float *x, int64_t x_step, const float *g, int64_t channels,
    int64_t count, float *sums) {
  int64_t c = 0;
  for (; c + lanes <= count; c += lanes) {
    vec16 sum[8];
    for (int s = 0; s < columns; s++) sum[s] = LOAD16(sums + s * channels + c);
    for (int64_t i = 0; i < pixels; i++) {
      const vec16 gradient = LOAD16(g + i * channels + c);
      for (int s = 0; s < columns; s++)
        sum[s] += LOAD16(x + i * x_step + s * channels + c) * gradient;
    }
    for (int s = 0; s < columns; s++) STORE16(sums + s * channels + c, sum[s]);
  }
  for (; c < count; c++)
    for (int s = 0; s < columns; s++)
      for (int64_t i = 0; i < pixels; i++)
        sums[s * channels + c] += x[i * x_step + s * channels + c] * g[i * channels + c];
}

FOR_ALL_LEVELS void tessera_depthwise_grad_weights(
    const tessera_depthwise_shape *it, const float *x, const float *g, int64_t first,
    int64_t end, int64_t channel, int64_t count, float *sums) {
  const int64_t channels = it->channels, pitch = it->width * channels;
  for (int64_t place = 0; place < it->kernel_height * it->kernel_width; place++)
    memset(sums + place * channels + channel, 0, count * sizeof(float));
  for (int64_t row = first; row < end; row++) {
    const float *image = x + row / it->out_height * it->height * pitch + channel;
    const float *gradients = g + row * it->out_width * channels + channel;
    const int64_t top = row % it->out_height * it->stride_h - it->padding_top;
    for (int64_t q = 0; q < it->out_width;) {
      const int64_t left = q * it->stride_w - it->padding_left;
      int64_t s, column;
      const int64_t columns = taps_inside(left, it->kernel_width, 1, it->width, &s, &column);
      // Pixels from q on whose windows are whole.
      int64_t pixels = 1;
      if (columns == it->kernel_width) {
        pixels = (it->width - it->kernel_width - left) / it->stride_w + 1;
        if (pixels > it->out_width - q) pixels = it->out_width - q;
        if (pixels > run_pixels) pixels = run_pixels;
      }
      for (int64_t r = 0; columns > 0 && r < it->kernel_height; r++) {
        const int64_t h = top + r;
        if (h < 0 || h >= it->height) continue;
        const float *source = image + h * pitch + column * channels;
        const float *gradient = gradients + q * channels;
        float *target = sums + (r * it->kernel_width + s) * channels + channel;
        const int64_t step = it->stride_w * channels;
        switch (columns) {
          case 3: add_products(3, pixels, source, step, gradient, channels, count, target); break;
          case 5: add_products(5, pixels, source, step, gradient, channels, count, target); break;
          default:
            for (int64_t k = 0; k < columns; k++)
              add_products(1, pixels, source + k * channels, step, gradient, channels, count,
                           target + k * channels);
        }
      }
      q += pixels;
    }
  }
}
