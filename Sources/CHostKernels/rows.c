#include "CHostKernels.h"
#include "vector.h"

enum { lanes = 16 };

FOR_ALL_LEVELS void tessera_sum_differences(
    const float *rows, int64_t stride, int64_t count, int64_t width, float *sums,
    float *squares) {
  int64_t c = 0;
  for (; c + lanes <= width; c += lanes) {
    const vec16 first = LOAD16(rows + c);
    vec16 sum = {0}, square = {0};
    for (int64_t row = 1; row < count; row++) {
      const vec16 difference = LOAD16(rows + row * stride + c) - first;
      sum += difference;
      square += difference * difference;
    }
    STORE16(sums + c, sum);
    STORE16(squares + c, square);
  }
  for (; c < width; c++) {
    float sum = 0, square = 0;
    for (int64_t row = 1; row < count; row++) {
      const float difference = rows[row * stride + c] - rows[c];
      sum += difference;
      square += difference * difference;
    }
    sums[c] = sum;
    squares[c] = square;
  }
}

FOR_ALL_LEVELS void tessera_sum_products(
    const float *gradients, const float *values, const float *means, int64_t stride,
    int64_t count, int64_t width, float *sums, float *products) {
  int64_t c = 0;
  for (; c + lanes <= width; c += lanes) {
    const vec16 mean = LOAD16(means + c);
    vec16 sum = {0}, product = {0};
    for (int64_t row = 0; row < count; row++) {
      const vec16 gradient = LOAD16(gradients + row * stride + c);
      sum += gradient;
      product += gradient * (LOAD16(values + row * stride + c) - mean);
    }
    STORE16(sums + c, sum);
    STORE16(products + c, product);
  }
  for (; c < width; c++) {
    float sum = 0, product = 0;
    for (int64_t row = 0; row < count; row++) {
      const float gradient = gradients[row * stride + c];
      sum += gradient;
      product += gradient * (values[row * stride + c] - means[c]);
    }
    sums[c] = sum;
    products[c] = product;
  }
}

// MARK: nearest rows

/// Positions that are compared with a code while it is at hand.
enum { positions_at_once = 8 };

/// Indices of the nearest codes of at most `positions_at_once` positions.
FOR_ALL_LEVELS static void find_nearest(
    const float *positions, int64_t count, const float *codes, int64_t code_count, int64_t depth,
    float *indices) {
  float best[positions_at_once];
  for (int64_t p = 0; p < count; p++) {
    best[p] = __builtin_inff();
    indices[p] = 0;
  }
  for (int64_t code = 0; code < code_count; code++) {
    const float *row = codes + code * depth;
    vec16 sums[positions_at_once] = {{0}};
    int64_t k = 0;
    for (; k + lanes <= depth; k += lanes) {
      const vec16 value = LOAD16(row + k);
      for (int64_t p = 0; p < count; p++) {
        const vec16 difference = LOAD16(positions + p * depth + k) - value;
        sums[p] += difference * difference;
      }
    }
    for (int64_t p = 0; p < count; p++) {
      float distance = 0;
      for (int64_t rest = k; rest < depth; rest++) {
        const float difference = positions[p * depth + rest] - row[rest];
        distance += difference * difference;
      }
      vec16 sum = sums[p];
      for (int half = lanes / 2; half > 0; half /= 2) {
        for (int lane = 0; lane < half; lane++) sum[lane] += sum[lane + half];
      }
      distance += sum[0];
      if (distance < best[p]) {
        best[p] = distance;
        indices[p] = (float)code;
      }
    }
  }
}

void tessera_nearest_codes(
    const float *positions, int64_t count, const float *codes, int64_t code_count, int64_t depth,
    float *indices) {
  for (int64_t p = 0; p < count; p += positions_at_once) {
    const int64_t left = count - p;
    find_nearest(
        positions + p * depth, left < positions_at_once ? left : positions_at_once, codes,
        code_count, depth, indices + p);
  }
}
