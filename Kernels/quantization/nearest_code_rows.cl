// Nearest codebook row of every position by squared distance, the first of equals: z [P, DEPTH],
// codebook [K, DEPTH], out [P]. For CPUs; DEPTH is a multiple of 16.
// One work-item ROWS positions: blocks of 4 positions x 4 codes, vectors along the depth.

#include "common/vector.cl"

#ifndef DEPTH
#define DEPTH 64
#endif
#ifndef ROWS
#define ROWS 16  // positions a work-item, a multiple of 4
#endif

VECTOR_KERNEL
void nearest_code_rows(__global const float *restrict z, __global const float *restrict codebook,
                       __global int *restrict out, int positions, int codes) {
  const int first = get_global_id(0) * ROWS;
  const int count = min(ROWS, positions - first);
  float best[ROWS];
  int index[ROWS];
  for (int r = 0; r < ROWS; r++) {
    best[r] = INFINITY;
    index[r] = 0;
  }
  for (int code = 0; code < codes; code += 4) {
    for (int block = 0; block < count; block += 4) {
      // Rows past an end repeat the last one: its distance is not smaller, so it changes nothing.
      __global const float *a[4];
      __global const float *b[4];
#pragma unroll
      for (int i = 0; i < 4; i++) {
        a[i] = z + (size_t)(first + min(block + i, count - 1)) * DEPTH;
        b[i] = codebook + (size_t)min(code + i, codes - 1) * DEPTH;
      }
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
          for (int i = 0; i < 4; i++) {
            const float16 step = x[i] - y;
            sums[i][j] = fma(step, step, sums[i][j]);
          }
        }
      }
#pragma unroll
      for (int i = 0; i < 4; i++) {
        float distances[4];
        vstore4(sum16x4(sums[i][0], sums[i][1], sums[i][2], sums[i][3]), 0, distances);
        for (int j = 0; j < 4; j++)
          if (distances[j] < best[block + i]) {
            best[block + i] = distances[j];
            index[block + i] = code + j;
          }
      }
    }
  }
  for (int r = 0; r < count; r++) out[first + r] = index[r];
}
