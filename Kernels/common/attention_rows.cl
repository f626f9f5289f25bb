// Blocks of attention for CPUs: one work-item takes ROWS rows of one side and streams COLS rows of
// the other at a time; no entry points. Rows are DEPTH values stored as IN0, a multiple of 16, `stride` apart.

#include "common/real.cl"
#include "common/vector.cl"

#ifndef DEPTH
#define DEPTH 64  // length of a row
#endif
#ifndef ROWS
#define ROWS 8  // rows a work-item, a multiple of 4
#endif
#define COLS 64

// scores[r * COLS + c] = row r . column c, in blocks of 4 x 4 with vectors along the depth. Rows
// and columns past the counts repeat the last one.
void row_scores(__global const IN0 *rows, int row_count, __global const IN0 *cols,
                int col_count, int stride, float *scores) {
  for (int r = 0; r < ROWS; r += 4) {
    __global const IN0 *a[4];
#pragma unroll
    for (int i = 0; i < 4; i++) a[i] = rows + (size_t)min(r + i, row_count - 1) * stride;
    for (int c = 0; c < col_count; c += 4) {
      __global const IN0 *b[4];
#pragma unroll
      for (int j = 0; j < 4; j++) b[j] = cols + (size_t)min(c + j, col_count - 1) * stride;
      float16 sums[4][4];
#pragma unroll
      for (int i = 0; i < 4; i++)
#pragma unroll
        for (int j = 0; j < 4; j++) sums[i][j] = 0.0f;
      for (int d = 0; d < DEPTH; d += 16) {
        float16 x[4];
#pragma unroll
        for (int i = 0; i < 4; i++) x[i] = load16(a[i] + d);
#pragma unroll
        for (int j = 0; j < 4; j++) {
          const float16 y = load16(b[j] + d);
#pragma unroll
          for (int i = 0; i < 4; i++) sums[i][j] = fma(x[i], y, sums[i][j]);
        }
      }
#pragma unroll
      for (int i = 0; i < 4; i++)
        vstore4(sum16x4(sums[i][0], sums[i][1], sums[i][2], sums[i][3]), 0,
                scores + (r + i) * COLS + c);
    }
  }
}

// acc[r * DEPTH + d] += sum over columns of weights[r * COLS + c] * column c.
void row_accumulate(float *acc, const float *weights, __global const IN0 *cols, int col_count,
                    int stride) {
  for (int d = 0; d < DEPTH; d += 16) {
    float16 sums[ROWS];
#pragma unroll
    for (int r = 0; r < ROWS; r++) sums[r] = vload16(0, acc + r * DEPTH + d);
    for (int c = 0; c < col_count; c++) {
      const float16 value = load16(cols + (size_t)c * stride + d);
#pragma unroll
      for (int r = 0; r < ROWS; r++) sums[r] = fma(weights[r * COLS + c], value, sums[r]);
    }
#pragma unroll
    for (int r = 0; r < ROWS; r++) vstore16(sums[r], 0, acc + r * DEPTH + d);
  }
}

// Writes the sums, each row times its factor, to the rows that exist.
void row_write(const float *acc, const float *factors, __global OUT *rows, int row_count,
               int stride) {
  for (int r = 0; r < row_count; r++)
    for (int d = 0; d < DEPTH; d += 16)
      store16(vload16(0, acc + r * DEPTH + d) * factors[r], rows + (size_t)r * stride + d);
}

// Replaces the COLS scores of a row by e^(scale * score - maximum), and by 0 from `limit` on;
// brings `maximum` and `total` up to date and returns what earlier sums are to be scaled by.
float row_softmax(float *scores, int limit, float scale, float *maximum, float *total) {
  float16 largest = -INFINITY;
  for (int c = 0; c < COLS; c += 16) {
    const int16 column = c + (int16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const float16 score =
        select((float16)(-INFINITY), scale * vload16(0, scores + c), column < limit);
    vstore16(score, 0, scores + c);
    largest = fmax(largest, score);
  }
  const float next = fmax(*maximum, largest16(largest));
  const float factor = exp(*maximum - next);
  float16 sum = 0.0f;
  for (int c = 0; c < COLS; c += 16) {
    const float16 weight = exp(vload16(0, scores + c) - next);
    vstore16(weight, 0, scores + c);
    sum += weight;
  }
  *total = *total * factor + sum16(sum);
  *maximum = next;
  return factor;
}

// Replaces the COLS scores of a row by e^(scale * score - log_sum of the column), and by 0 outside
// start ..< end.
void row_probabilities(float *scores, int start, int end, float scale, const float *log_sums) {
  for (int c = 0; c < COLS; c += 16) {
    const int16 column = c + (int16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const float16 weight = exp(scale * vload16(0, scores + c) - vload16(0, log_sums + c));
    vstore16(select((float16)(0.0f), weight, column >= start && column < end), 0, scores + c);
  }
}

// weights *= slopes - means, over the COLS of a row.
void row_slopes(float *weights, const float *slopes, const float *means) {
  for (int c = 0; c < COLS; c += 16)
    vstore16(vload16(0, weights + c) * (vload16(0, slopes + c) - vload16(0, means + c)), 0,
             weights + c);
}

// Statistics [.., heads] of the columns; 0 for those past the count.
void col_statistics(__global const float *statistics, int col_count, int heads, float *values) {
  for (int c = 0; c < COLS; c++)
    values[c] = c < col_count ? statistics[(size_t)c * heads] : 0.0f;
}
