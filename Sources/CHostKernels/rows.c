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
