// Nearest codebook row of every position by squared distance, the first of equals, among shares of
// the codes: z [P, DEPTH], codebook [K, DEPTH]; distances and indices [shares, P]. For CPUs; DEPTH
// is a multiple of 16.
// A distance is summed from differences, so that close codes far from the origin keep their order.
// Most are never computed: |x - c|^2 >= (1 - SLACK) (|x|^2 + |c|^2) - 2 x.c, whose last part is a
// matrix product, says that a code is not nearer than the nearest so far.
// A work-item compares BLOCKS * ROWS positions, of which there are at least as many, with the codes
// of a share, COLUMNS at a time: (positions, shares). The last positions overlap the ones before.

#include "common/register_block.cl"
#include "common/transpose.cl"
#include "common/vector.cl"

#ifndef DEPTH
#define DEPTH 64
#endif
#ifndef BLOCKS
#define BLOCKS 8  // of ROWS positions
#endif
#define POSITIONS (BLOCKS * ROWS)
#define LINES (COLUMNS * DEPTH / 16)  // of as many codes
// More than rounding can take from the bound, or add to a distance, in parts of |x|^2 + |c|^2:
// sums of DEPTH values, each off by 2^-24 a summand at the most.
#define SLACK (DEPTH * 0x1p-22f)

static float squared_distance(__global const float *x, __global const float *code) {
  float16 sum = 0.0f;
  for (int d = 0; d < DEPTH; d += 16) {
    const float16 difference = load16(x + d) - load16(code + d);
    sum = fma(difference, difference, sum);
  }
  return sum16(sum);
}

VECTOR_KERNEL
void nearest_code_rows(__global const float *restrict z, __global const float *restrict codebook,
                       __global float *restrict distances, __global int *restrict indices,
                       int positions, int codes, int share_codes) {
  const int own = get_global_id(0) * POSITIONS, first = min(own, positions - POSITIONS);
  const int first_code = get_global_id(1) * share_codes;
  const int last_code = min(codes, first_code + share_codes);
  z += (size_t)first * DEPTH;
  float best[POSITIONS], norms[POSITIONS];
  int index[POSITIONS];
  for (int i = 0; i < POSITIONS; i++) {
    float16 squares = 0.0f;
    for (int d = 0; d < DEPTH; d += 16) {
      const float16 x = load16(z + (size_t)i * DEPTH + d);
      squares = fma(x, x, squares);
    }
    norms[i] = (1.0f - SLACK) * sum16(squares);
    best[i] = INFINITY;
    index[i] = first_code;
  }

  for (int code = first_code; code < last_code; code += COLUMNS) {
    // The codes as columns; beyond the last it is there again.
    float panel[DEPTH * COLUMNS];
    float16 code_norms[VECTORS];
    for (int v = 0; v < VECTORS; v++) {
      float16 squares = 0.0f;
      for (int d = 0; d < DEPTH; d += 16) {
        float16 block[16];
#pragma unroll
        for (int i = 0; i < 16; i++)
          block[i] = load16(codebook + (size_t)min(code + 16 * v + i, codes - 1) * DEPTH + d);
        transpose(block);
#pragma unroll
        for (int i = 0; i < 16; i++) {
          squares = fma(block[i], block[i], squares);
          store16(block[i], panel + (d + i) * COLUMNS + 16 * v);
        }
      }
      code_norms[v] = (1.0f - SLACK) * squares;
    }
    for (int row = 0; row < POSITIONS; row += ROWS) {
      // The next codes, as far as there are whole panels of them, are fetched meanwhile.
      if (code + 2 * COLUMNS <= last_code)
        for (int i = LINES * row / POSITIONS; i < LINES * (row + ROWS) / POSITIONS; i++)
          PREFETCH(codebook + (size_t)(code + COLUMNS) * DEPTH + 16 * i);
      float16 products[ROWS][VECTORS];
      block_clear(products);
      block_multiply(products, z + (size_t)row * DEPTH, DEPTH, 1, panel, COLUMNS, DEPTH);
      float bounds[ROWS * COLUMNS], least[ROWS];
#pragma unroll
      for (int i = 0; i < ROWS; i++) {
        float16 smallest = INFINITY;
#pragma unroll
        for (int v = 0; v < VECTORS; v++) {
          const float16 bound = norms[row + i] + code_norms[v] - 2.0f * products[i][v];
          store16(bound, bounds + i * COLUMNS + 16 * v);
          smallest = fmin(smallest, bound);
        }
        least[i] = largest16(-smallest);
      }
      for (int i = 0; i < ROWS; i++) {
        if (-least[i] >= best[row + i]) continue;
        for (int j = 0; j < min(COLUMNS, last_code - code); j++) {
          if (bounds[i * COLUMNS + j] >= best[row + i]) continue;
          const float distance = squared_distance(z + (size_t)(row + i) * DEPTH,
                                                  codebook + (size_t)(code + j) * DEPTH);
          if (distance < best[row + i]) {
            best[row + i] = distance;
            index[row + i] = code + j;
          }
        }
      }
    }
  }
  for (int i = own - first; i < POSITIONS; i++) {
    const size_t out = get_global_id(1) * positions + first + i;
    distances[out] = best[i];
    indices[out] = index[i];
  }
}
