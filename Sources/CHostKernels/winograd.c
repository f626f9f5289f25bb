#include "CHostKernels.h"
#include "tile.h"
#include "winograd_transforms.h"

// y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A for a tile d of 6×6 or 8×8 pixels, a kernel g of 3×3 or 2×2 and as
// many results y as there are windows: F(4×4, 3×3), F(5×5, 2×2) and F(6×6, 3×3). The products of many
// tiles and channels are matrix products, one for each place in a tile.

/// Wholly, so that arrays of vectors are registers.
#define UNROLLED _Pragma("clang loop unroll(full)")

enum { most_side = 8, most_places = most_side * most_side, lanes = 16 };

/// Tiles of a part: so few that their values fit into the caches and that small images have parts
/// for several cores, and so many that the weights, which are read once for all, cost little.
enum { part_tiles = 4 * TILE_ROWS };

static int64_t places_of(const tessera_winograd_shape *it) { return it->side * it->side; }

/// Along a side, of the image and the output together: one of them is 1.
static int phases_of(const tessera_winograd_shape *it) { return it->in_phases * it->out_phases; }

/// Taps of a phase along a side.
static int taps_of(const tessera_winograd_shape *it) { return phases_of(it) == 1 ? 3 : 2; }

static int tile_out_of(const tessera_winograd_shape *it) { return it->side + 1 - taps_of(it); }

/// The channels of all phases of the image, one after the other.
static int64_t all_channels(const tessera_winograd_shape *it) {
  return (int64_t)it->in_phases * it->in_phases * it->channels;
}

size_t tessera_winograd_weight_count(const tessera_winograd_shape *it) {
  return (size_t)places_of(it) * it->channels * it->out_channels;
}

/// Floats from one place to the next of `rows` × `columns`. A multiple of a page would put all places
/// into the same few lines of the first cache.
static size_t place_step(int64_t rows, int64_t columns) { return rows * columns + lanes; }

static int64_t all_tiles(const tessera_winograd_shape *it) {
  return it->batch * it->tiles_down * it->tiles_across;
}

int64_t tessera_winograd_parts(const tessera_winograd_shape *it) {
  return (all_tiles(it) + part_tiles - 1) / part_tiles;
}

size_t tessera_winograd_scratch_count(const tessera_winograd_shape *it) {
  return places_of(it)
         * (place_step(part_tiles, it->channels) + place_step(part_tiles, it->out_channels));
}

// MARK: weights

/// The panel [places][count][32] of the outputs from `panel` on, of `count` channels from `first` on.
/// Places are `stride` floats apart. `weights` are at the phase's first tap.
INLINE void transform_weights_of(
    const tessera_winograd_shape *it, const float *weights, int64_t first, int64_t count,
    int64_t panel, float *transformed, int64_t stride, const int taps, const int side) {
  const int64_t channels = it->channels, outputs = it->out_channels;
  const int64_t phases = phases_of(it), tap = phases * channels * outputs;
  for (int64_t c = 0; c < count; c++) {
    for (int64_t k = 0; k < TILE_COLUMNS; k += lanes) {
      const float *source = weights + (first + c) * outputs + panel + k;
      vec16 kernel[9], half[3 * most_side];
      UNROLLED
      for (int i = 0; i < taps * taps; i++) {
        kernel[i] = LOAD16(source + (i / taps * phases * taps + i % taps) * tap);
      }
      UNROLLED
      for (int column = 0; column < taps; column++) {
        vec16 rows[most_side];
        transform_weight(kernel + column, taps, rows, taps, side);
        UNROLLED
        for (int row = 0; row < side; row++) half[taps * row + column] = rows[row];
      }
      float *target = transformed + c * TILE_COLUMNS + k;
      UNROLLED
      for (int row = 0; row < side; row++) {
        vec16 whole[most_side];
        transform_weight(half + taps * row, 1, whole, taps, side);
        UNROLLED
        for (int column = 0; column < side; column++) {
          STORE16(target + (side * row + column) * stride, whole[column]);
        }
      }
    }
  }
}

FOR_ALL_LEVELS static void transform_weights(
    const tessera_winograd_shape *it, const float *weights, int64_t first, int64_t count,
    int64_t panel, float *transformed, int64_t stride) {
  if (it->side == 8) {
    transform_weights_of(it, weights, first, count, panel, transformed, stride, 3, 8);
  } else if (taps_of(it) == 3) {
    transform_weights_of(it, weights, first, count, panel, transformed, stride, 3, 6);
  } else {
    transform_weights_of(it, weights, first, count, panel, transformed, stride, 2, 6);
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

/// Where a tile lies: its sample, and the upper left of its results, in one phase.
typedef struct {
  int64_t sample, top, left;
} tile_place;

INLINE tile_place place_of(const tessera_winograd_shape *it, int64_t tile) {
  const int64_t across = it->tiles_across, down = it->tiles_down, span = tile_out_of(it);
  return (tile_place){
      tile / (across * down), tile / across % down * span, tile % across * span};
}

/// The values of one tile from the pixels that begin at `top` and `left`, all of one phase; places
/// are `stride` floats apart, and vectors of channels `vector_step`.
INLINE void transform_tile(
    const tessera_winograd_shape *it, const float *image, int64_t top, int64_t left,
    float *values, int64_t stride, int64_t vector_step, const int side) {
  const int64_t channels = it->channels;
  for (int64_t c = 0; c < channels; c += lanes, values += vector_step) {
    vec16 pixels[most_places], half[most_places];
    UNROLLED
    for (int row = 0; row < side; row++) {
      const int64_t h = top + row * it->in_phases;
      UNROLLED
      for (int column = 0; column < side; column++) {
        const int64_t w = left + column * it->in_phases;
        const int inside = h >= 0 && h < it->height && w >= 0 && w < it->width;
        pixels[side * row + column] =
            inside ? LOAD16(image + (h * it->width + w) * channels + c) : (vec16){0};
      }
    }
    UNROLLED
    for (int column = 0; column < side; column++) {
      transform_input(pixels + column, side, half + column, side, side);
    }
    UNROLLED
    for (int row = 0; row < side; row++) {
      vec16 whole[most_side];
      transform_input(half + side * row, 1, whole, 1, side);
      UNROLLED
      for (int column = 0; column < side; column++) {
        STORE16(values + (side * row + column) * stride, whole[column]);
      }
    }
  }
}

/// Values of `count` tiles from `first` on: [C / depth][places][rows][depth], C being the channels of
/// all phases and `depth` those or a vector.
FOR_ALL_LEVELS static void transform_tiles(
    const tessera_winograd_shape *it, const float *src, int64_t first, int64_t count,
    int64_t rows, int64_t depth, float *values) {
  const int64_t stride = place_step(rows, depth);
  const int64_t vector_step = depth == lanes ? places_of(it) * stride : lanes;
  const int phases = it->in_phases;
  for (int64_t tile = 0; tile < count; tile++) {
    const tile_place place = place_of(it, first + tile);
    const float *image = src + place.sample * it->height * it->width * it->channels;
    for (int phase = 0; phase < phases * phases; phase++) {
      const int64_t top = phases * place.top + phase / phases - it->padding_top;
      const int64_t left = phases * place.left + phase % phases - it->padding_left;
      float *target = values + tile * depth + phase * it->channels / lanes * vector_step;
      if (it->side == 8) {
        transform_tile(it, image, top, left, target, stride, vector_step, 8);
      } else {
        transform_tile(it, image, top, left, target, stride, vector_step, 6);
      }
    }
  }
}

/// `columns` of the results of a tile whose upper left is at `top` and `left` of its sample; `dst` is
/// at the first of the columns there. Places of `products` are `stride` floats apart.
INLINE void store_tile(
    const tessera_winograd_shape *it, const float *products, int64_t stride, int64_t top,
    int64_t left, int64_t columns, float *dst, const int taps, const int side) {
  const int tile_out = side + 1 - taps;
  for (int64_t k = 0; k < columns; k += lanes) {
    vec16 half[most_places];
    UNROLLED
    for (int column = 0; column < side; column++) {
      vec16 in[most_side];
      UNROLLED
      for (int row = 0; row < side; row++) {
        in[row] = LOAD16(products + (side * row + column) * stride + k);
      }
      transform_output(in, half + column, side, taps, side);
    }
    for (int row = 0; row < tile_out; row++) {
      const int64_t h = top + row * it->out_phases;
      if (h < 0 || h >= it->out_height) continue;
      vec16 pixels[most_side];
      transform_output(half + side * row, pixels, 1, taps, side);
      for (int column = 0; column < tile_out; column++) {
        const int64_t w = left + column * it->out_phases;
        if (w < 0 || w >= it->out_width) continue;
        STORE16(dst + (h * it->out_width + w) * it->out_channels + k, pixels[column]);
      }
    }
  }
}

/// `columns` of the results of `count` tiles from `first` on, from their products
/// [places][rows][columns], in one phase of the output; `dst` is at the first of the columns.
FOR_ALL_LEVELS static void store_tiles(
    const tessera_winograd_shape *it, const float *products, int64_t first, int64_t count,
    int64_t rows, int64_t columns, int phase_row, int phase_column, float *dst) {
  const int64_t stride = place_step(rows, columns);
  for (int64_t tile = 0; tile < count; tile++) {
    const tile_place place = place_of(it, first + tile);
    const float *source = products + tile * columns;
    float *sample = dst + place.sample * it->out_height * it->out_width * it->out_channels;
    const int64_t top = it->out_phases * place.top + phase_row - it->shift_top;
    const int64_t left = it->out_phases * place.left + phase_column - it->shift_left;
    if (it->side == 8) {
      store_tile(it, source, stride, top, left, columns, sample, 3, 8);
    } else if (taps_of(it) == 3) {
      store_tile(it, source, stride, top, left, columns, sample, 3, 6);
    } else {
      store_tile(it, source, stride, top, left, columns, sample, 2, 6);
    }
  }
}

// MARK: by tiles, with weights transformed before

void tessera_winograd_part(
    const tessera_winograd_shape *it, int64_t part, const float *src, const float *transformed,
    float *dst, float *scratch) {
  const int64_t first = part * part_tiles, left = all_tiles(it) - first;
  const int64_t count = left < part_tiles ? left : part_tiles, places = places_of(it);
  // Rows beyond `count` are computed from whatever is there, and not stored.
  const int64_t rows = WHOLE_ROWS(count);
  const size_t value_step = place_step(rows, it->channels);
  const size_t product_step = place_step(rows, it->out_channels);
  float *values = scratch, *products = scratch + places * value_step;
  transform_tiles(it, src, first, count, rows, it->channels, values);
  for (int64_t place = 0; place < places; place++) {
    multiply_tiles(
        values + place * value_step, it->channels,
        transformed + (size_t)place * it->channels * it->out_channels,
        products + place * product_step, it->out_channels, rows, it->out_channels, it->channels, 0);
  }
  store_tiles(it, products, first, count, rows, it->out_channels, 0, 0, dst);
}

// MARK: by panels of the weights, transformed on the way

int64_t tessera_winograd_panels(const tessera_winograd_shape *it) {
  return (int64_t)it->out_phases * it->out_phases * (it->out_channels / TILE_COLUMNS);
}

size_t tessera_winograd_values_count(const tessera_winograd_shape *it, int64_t tiles) {
  return places_of(it) * place_step(WHOLE_ROWS(tiles), lanes) * all_channels(it) / lanes;
}

size_t tessera_winograd_panel_scratch_count(const tessera_winograd_shape *it, int64_t tiles) {
  return places_of(it)
         * (place_step(lanes, TILE_COLUMNS) + place_step(WHOLE_ROWS(tiles), TILE_COLUMNS));
}

void tessera_winograd_values(
    const tessera_winograd_shape *it, tessera_winograd_strip strip, int64_t first, int64_t count,
    const float *src, float *values) {
  transform_tiles(
      it, src, strip.first + first, count, WHOLE_ROWS(strip.count), lanes, values + first * lanes);
}

/// Asks for one of `places` shares of the weights of `lanes` channels of a panel.
static void fetch_weights(
    const tessera_winograd_shape *it, const float *weights, int64_t share, int64_t places) {
  const int taps = taps_of(it), phases = phases_of(it);
  const int64_t outputs = it->out_channels, tap = phases * it->channels * outputs;
  const int64_t lines = taps * taps * lanes;
  for (int64_t line = lines * share / places; line < lines * (share + 1) / places; line++) {
    const int64_t i = line / lanes;
    const float *source =
        weights + (i / taps * phases * taps + i % taps) * tap + line % lanes * outputs;
    for (int64_t k = 0; k < TILE_COLUMNS; k += lanes) __builtin_prefetch(source + k);
  }
}

void tessera_winograd_panel(
    const tessera_winograd_shape *it, tessera_winograd_strip strip, int64_t panel,
    const float *weights, const float *values, float *dst, float *scratch) {
  const int64_t channels = it->channels, rows = WHOLE_ROWS(strip.count), places = places_of(it);
  const int in_phases = it->in_phases, out_phases = it->out_phases, phases = phases_of(it);
  const int64_t tap = channels * it->out_channels;
  const size_t value_step = place_step(rows, lanes), weight_step = place_step(lanes, TILE_COLUMNS);
  const size_t product_step = place_step(rows, TILE_COLUMNS);
  // Neighbouring panels are the phases of the same outputs, whose weights lie side by side.
  const int out_phase = panel % (out_phases * out_phases);
  const int out_row = out_phase / out_phases, out_column = out_phase % out_phases;
  const int64_t output = panel / (out_phases * out_phases) * TILE_COLUMNS;
  float *products = scratch + places * weight_step;
  for (int64_t first = 0; first < all_channels(it); first += lanes) {
    // A phase of the image reads the taps of the same parity, one of the output those of the other.
    const int in_phase = first / channels;
    const int row = in_phase / in_phases + out_phases - 1 - out_row;
    const int column = in_phase % in_phases + out_phases - 1 - out_column;
    const float *taps = weights + (row * phases * taps_of(it) + column) * tap;
    transform_weights(it, taps, first % channels, lanes, output, scratch, weight_step);
    const float *next = taps + (first % channels + lanes) * it->out_channels + output;
    const int is_last = first % channels + lanes == channels;
    for (int64_t place = 0; place < places; place++) {
      if (!is_last) fetch_weights(it, next, place, places);
      multiply_tiles(
          values + (first / lanes * places + place) * value_step, lanes,
          scratch + place * weight_step, products + place * product_step, TILE_COLUMNS, rows,
          TILE_COLUMNS, lanes, first > 0);
    }
  }
  store_tiles(
      it, products, strip.first, strip.count, rows, TILE_COLUMNS, out_row, out_column,
      dst + output);
}
