// A tile of a matrix product by one work-group: GROUP x GROUP work-items, each with WORK x WORK
// sums in registers, fed from slabs of both operands in local memory. No entry points.
//
// A work-item's rows are WORK / 4 runs of four, 4 * GROUP apart, so that neighbours read
// neighbouring float4s; its columns likewise. Local dimension 0 runs over columns.
//
// The tiles of a matrix lie along dimension 0, as NVIDIA's cards take no more than 65,535 work-groups
// along the others. Those of one row of tiles follow each other, to share rows of the left operand.

#include "common/groups.cl"

#ifndef GROUP
#define GROUP 16  // work-items along a side
#endif
#ifndef WORK
#define WORK 4  // outputs of a work-item along a side; a multiple of 4
#endif
#ifndef SLAB
#define SLAB 16  // length of the contracted axis held in local memory; SLAB * WORK >= GROUP
#endif
#define TILE (GROUP * WORK)   // outputs of the work-group along a side
#define PITCH (TILE + 4)      // row of a slab in local memory; keeps float4s aligned
#define RUNS (WORK / 4)
#define LOADS (SLAB * TILE / (GROUP * GROUP))  // elements of a slab a work-item brings

// First row and column of this work-group's tile, of a matrix with so many columns.
static int tile_first_row(int columns) {
  return FIRST_GROUP_ID(GROUP) / ((columns + TILE - 1) / TILE) * TILE;
}

static int tile_first_column(int columns) {
  return FIRST_GROUP_ID(GROUP) % ((columns + TILE - 1) / TILE) * TILE;
}

// Row (local dimension 1) or column (0) of the tile that a work-item's output `i` lies in.
static int tile_position(int i, int dimension) {
  return i / 4 * 4 * GROUP + 4 * (int)get_local_id(dimension) + i % 4;
}

// sums[i][j] += sum over k < SLAB of left[k][row of i] * right[k][columns of run j].
// In place where it is called, so that the sums stay in registers.
static __attribute__((always_inline)) void tile_multiply(float4 sums[WORK][RUNS],
                                                         __local const float *left,
                                                         __local const float *right) {
#pragma unroll
  for (int k = 0; k < SLAB; k++) {
    float4 columns[RUNS];
#pragma unroll
    for (int j = 0; j < RUNS; j++)
      columns[j] =
          *(__local const float4 *)(right + k * PITCH + 4 * (j * GROUP + get_local_id(0)));
#pragma unroll
    for (int i = 0; i < RUNS; i++) {
      const float4 rows =
          *(__local const float4 *)(left + k * PITCH + 4 * (i * GROUP + get_local_id(1)));
#pragma unroll
      for (int j = 0; j < RUNS; j++) {
        sums[4 * i][j] = mad(rows.s0, columns[j], sums[4 * i][j]);
        sums[4 * i + 1][j] = mad(rows.s1, columns[j], sums[4 * i + 1][j]);
        sums[4 * i + 2][j] = mad(rows.s2, columns[j], sums[4 * i + 2][j]);
        sums[4 * i + 3][j] = mad(rows.s3, columns[j], sums[4 * i + 3][j]);
      }
    }
  }
}
