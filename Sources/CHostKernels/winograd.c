#include "CHostKernels.h"
#include "tile.h"

// F(4×4, 3×3) with the points 0, 1, -1, 2, -2 and infinity: y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A for a tile
// d of 6×6 pixels, a kernel g and 4×4 results y. The products of many tiles and channels are 36
// matrix products, one for each place in a tile.

enum { tile_in = 6, tile_out = 4, places = tile_in * tile_in, lanes = 16 };

/// Tiles of a part: so few that their values fit into the caches and that small images have parts
/// for several cores, and so many that the weights, which are read once for all, cost little.
enum { part_tiles = 4 * TILE_ROWS };

static int64_t tiles_across(const tessera_winograd_shape *it) {
  return (it->out_width + tile_out - 1) / tile_out;
}

static int64_t tiles_down(const tessera_winograd_shape *it) {
  return (it->out_height + tile_out - 1) / tile_out;
}

size_t tessera_winograd_weight_count(const tessera_winograd_shape *it) {
  return (size_t)places * it->channels * it->out_channels;
}

static int64_t all_tiles(const tessera_winograd_shape *it) {
  return it->batch * tiles_down(it) * tiles_across(it);
}

int64_t tessera_winograd_parts(const tessera_winograd_shape *it) {
  return (all_tiles(it) + part_tiles - 1) / part_tiles;
}

size_t tessera_winograd_scratch_count(const tessera_winograd_shape *it) {
  return (size_t)places * part_tiles * (it->channels + it->out_channels);
}

// MARK: transforms of one dimension

/// out[i] = Bᵀ in, both with a stride of vectors.
INLINE void transform_input(const vec16 *in, int64_t from, vec16 *out, int64_t to) {
  const vec16 x0 = in[0], x1 = in[from], x2 = in[2 * from], x3 = in[3 * from], x4 = in[4 * from];
  const vec16 x5 = in[5 * from];
  const vec16 a = x4 - 4.0f * x2, b = x3 - 4.0f * x1, c = x4 - x2, d = 2.0f * (x3 - x1);
  out[0] = 4.0f * x0 - 5.0f * x2 + x4;
  out[to] = a + b;
  out[2 * to] = a - b;
  out[3 * to] = c + d;
  out[4 * to] = c - d;
  out[5 * to] = 4.0f * x1 - 5.0f * x3 + x5;
}

/// out[i] = G in, from three vectors to six.
INLINE void transform_weight(const vec16 *in, int from, vec16 *out) {
  const vec16 x0 = in[0], x1 = in[from], x2 = in[2 * from];
  const vec16 even = (x0 + x2) / 6.0f, odd = x1 / 6.0f;
  const vec16 far = (x0 + 4.0f * x2) / 24.0f, far_odd = x1 / 12.0f;
  out[0] = x0 / 4.0f;
  out[1] = -even - odd;
  out[2] = odd - even;
  out[3] = far + far_odd;
  out[4] = far - far_odd;
  out[5] = x2;
}

/// out[i] = Aᵀ in, from six vectors to four.
INLINE void transform_output(const vec16 *in, int64_t from, vec16 *out, int64_t to) {
  const vec16 x1 = in[from], x2 = in[2 * from], x3 = in[3 * from], x4 = in[4 * from];
  const vec16 a = x1 + x2, b = x1 - x2, c = x3 + x4, d = x3 - x4;
  out[0] = in[0] + a + c;
  out[to] = b + 2.0f * d;
  out[2 * to] = a + 4.0f * c;
  out[3 * to] = b + 8.0f * d + in[5 * from];
}

// MARK: weights

/// The panel [36][count][32] of the outputs from `panel` on, of `count` channels from `first` on.
/// Places are `stride` floats apart.
FOR_ALL_LEVELS static void transform_weights(
    const tessera_winograd_shape *it, const float *weights, int64_t first, int64_t count,
    int64_t panel, float *transformed, int64_t stride) {
  const int64_t channels = it->channels, outputs = it->out_channels;
  for (int64_t c = 0; c < count; c++) {
    for (int64_t k = 0; k < TILE_COLUMNS; k += lanes) {
      const float *source = weights + (first + c) * outputs + panel + k;
      vec16 kernel[9], half[18];
      for (int i = 0; i < 9; i++) kernel[i] = LOAD16(source + i * channels * outputs);
      for (int column = 0; column < 3; column++) {
        vec16 rows[tile_in];
        transform_weight(kernel + column, 3, rows);
        for (int row = 0; row < tile_in; row++) half[3 * row + column] = rows[row];
      }
      float *target = transformed + c * TILE_COLUMNS + k;
      for (int row = 0; row < tile_in; row++) {
        vec16 whole[tile_in];
        transform_weight(half + 3 * row, 1, whole);
        for (int column = 0; column < tile_in; column++) {
          STORE16(target + (tile_in * row + column) * stride, whole[column]);
        }
      }
    }
  }
}

void tessera_winograd_pack(
    const tessera_winograd_shape *it, const float *weights, float *transformed) {
  for (int64_t panel = 0; panel < it->out_channels; panel += TILE_COLUMNS) {
    transform_weights(
        it, weights, 0, it->channels, panel, transformed + panel * it->channels,
        it->channels * it->out_channels);
  }
}

// MARK: tiles

/// Where a tile lies: its sample, and the upper left of its results.
typedef struct {
  int64_t sample, top, left;
} tile_place;

INLINE tile_place place_of(const tessera_winograd_shape *it, int64_t tile) {
  const int64_t across = tiles_across(it), down = tiles_down(it);
  return (tile_place){
      tile / (across * down), tile / across % down * tile_out, tile % across * tile_out};
}

/// Values [36][rows][C] of `count` tiles from `first` on.
FOR_ALL_LEVELS static void transform_tiles(
    const tessera_winograd_shape *it, const float *src, int64_t first, int64_t count,
    int64_t rows, float *values) {
  const int64_t channels = it->channels;
  for (int64_t tile = 0; tile < count; tile++) {
    const tile_place place = place_of(it, first + tile);
    const float *image = src + place.sample * it->height * it->width * channels;
    for (int64_t c = 0; c < channels; c += lanes) {
      vec16 pixels[places], half[places];
      for (int row = 0; row < tile_in; row++) {
        const int64_t h = place.top - it->padding_top + row;
        for (int column = 0; column < tile_in; column++) {
          const int64_t w = place.left - it->padding_left + column;
          const int inside = h >= 0 && h < it->height && w >= 0 && w < it->width;
          pixels[tile_in * row + column] =
              inside ? LOAD16(image + (h * it->width + w) * channels + c) : (vec16){0};
        }
      }
      for (int column = 0; column < tile_in; column++) {
        transform_input(pixels + column, tile_in, half + column, tile_in);
      }
      float *target = values + tile * channels + c;
      for (int row = 0; row < tile_in; row++) {
        vec16 whole[tile_in];
        transform_input(half + tile_in * row, 1, whole, 1);
        for (int column = 0; column < tile_in; column++) {
          STORE16(target + (tile_in * row + column) * rows * channels, whole[column]);
        }
      }
    }
  }
}

/// `columns` of the results of `count` tiles from `first` on, from their products
/// [36][rows][columns]; `dst` is at the first of the columns.
FOR_ALL_LEVELS static void store_tiles(
    const tessera_winograd_shape *it, const float *products, int64_t first, int64_t count,
    int64_t rows, int64_t columns, float *dst) {
  const int64_t outputs = it->out_channels;
  for (int64_t tile = 0; tile < count; tile++) {
    const tile_place place = place_of(it, first + tile);
    const int64_t below = it->out_height - place.top, beside = it->out_width - place.left;
    const int64_t height = below < tile_out ? below : tile_out;
    const int64_t width = beside < tile_out ? beside : tile_out;
    float *corner =
        dst + ((place.sample * it->out_height + place.top) * it->out_width + place.left) * outputs;
    for (int64_t k = 0; k < columns; k += lanes) {
      vec16 half[tile_out * tile_in];
      const float *source = products + tile * columns + k;
      for (int column = 0; column < tile_in; column++) {
        vec16 in[tile_in];
        for (int row = 0; row < tile_in; row++) {
          in[row] = LOAD16(source + (tile_in * row + column) * rows * columns);
        }
        transform_output(in, 1, half + column, tile_in);
      }
      for (int row = 0; row < height; row++) {
        vec16 pixels[tile_out];
        transform_output(half + tile_in * row, 1, pixels, 1);
        for (int column = 0; column < width; column++) {
          STORE16(corner + (row * it->out_width + column) * outputs + k, pixels[column]);
        }
      }
    }
  }
}

// MARK: by tiles, with weights transformed before

void tessera_winograd_part(
    const tessera_winograd_shape *it, int64_t part, const float *src, const float *transformed,
    float *dst, float *scratch) {
  const int64_t first = part * part_tiles, left = all_tiles(it) - first;
  const int64_t count = left < part_tiles ? left : part_tiles;
  // Rows beyond `count` are computed from whatever is there, and not stored.
  const int64_t rows = WHOLE_ROWS(count);
  float *values = scratch, *products = scratch + (size_t)places * rows * it->channels;
  transform_tiles(it, src, first, count, rows, values);
  for (int place = 0; place < places; place++) {
    multiply_tiles(
        values + place * rows * it->channels, it->channels,
        transformed + (size_t)place * it->channels * it->out_channels,
        products + place * rows * it->out_channels, it->out_channels, rows, it->out_channels,
        it->channels, 0);
  }
  store_tiles(it, products, first, count, rows, it->out_channels, dst);
}

// MARK: by panels of the weights, transformed on the way

/// Channels whose weights are transformed at a time: as many as fit into a core's second cache with
/// the products of a small image.
enum { chunk = 64 };

int64_t tessera_winograd_tiles(const tessera_winograd_shape *it) { return all_tiles(it); }

int64_t tessera_winograd_rows(const tessera_winograd_shape *it) { return WHOLE_ROWS(all_tiles(it)); }

size_t tessera_winograd_values_count(const tessera_winograd_shape *it) {
  return (size_t)places * tessera_winograd_rows(it) * it->channels;
}

size_t tessera_winograd_panel_scratch_count(const tessera_winograd_shape *it) {
  return (size_t)places * TILE_COLUMNS * (chunk + tessera_winograd_rows(it));
}

void tessera_winograd_values(
    const tessera_winograd_shape *it, int64_t first, int64_t count, const float *src,
    float *values) {
  const int64_t rows = tessera_winograd_rows(it);
  transform_tiles(it, src, first, count, rows, values + first * it->channels);
}

void tessera_winograd_panel(
    const tessera_winograd_shape *it, int64_t panel, const float *weights, const float *values,
    float *dst, float *scratch) {
  const int64_t channels = it->channels, rows = tessera_winograd_rows(it);
  float *products = scratch + (size_t)places * chunk * TILE_COLUMNS;
  for (int64_t first = 0; first < channels; first += chunk) {
    const int64_t count = channels - first < chunk ? channels - first : chunk;
    transform_weights(
        it, weights, first, count, panel * TILE_COLUMNS, scratch, count * TILE_COLUMNS);
    for (int place = 0; place < places; place++) {
      multiply_tiles(
          values + place * rows * channels + first, channels,
          scratch + place * count * TILE_COLUMNS, products + place * rows * TILE_COLUMNS,
          TILE_COLUMNS, rows, TILE_COLUMNS, count, first > 0);
    }
  }
  store_tiles(it, products, 0, all_tiles(it), rows, TILE_COLUMNS, dst + panel * TILE_COLUMNS);
}
