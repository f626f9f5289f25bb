// Convolution on a GPU: y[n, p, q, k] = EPILOGUE(sum over r, s, c of x~ * w[r, s, c, k]), where x~
// is the dilated, padded image at row p * stride_h + r - padding_top and column
// q * stride_w + s - padding_left.
// The matrix product of windows [pixels, R*S*C] and weights [R*S*C, outputs], whose left operand is
// gathered from the image as it is brought to local memory.
// A work-group computes TILE pixels x TILE outputs; the tiles of all phases follow each other.
// Where the image is dilated and the stride is 1, every PHASES_H-th row and PHASES_W-th
// column of y are a phase: those read the same taps and no zeros between pixels. There are
// `pixels` = N * ceil(P / PHASES_H) * ceil(Q / PHASES_W) of each, those beyond an edge included.

#include "common/convolution.cl"
#include "common/numeric.cl"
#include "common/real.cl"
#include "common/tile.cl"

#ifndef PHASES_H
#define PHASES_H 1
#endif
#ifndef PHASES_W
#define PHASES_W 1
#endif

// The first tap along an axis that falls onto pixels, of a phase of that axis.
static int first_tap(int phase, int padding, int phases) {
  return ((padding - phase) % phases + phases) % phases;
}

__kernel __attribute__((reqd_work_group_size(GROUP, GROUP, 1)))
void conv2d_implicit_gemm(__global const IN0 *restrict x, __global const IN0 *restrict w,
                          __global OUT *restrict y, int pixels,
                          CONVOLUTION_PARAMETERS EPILOGUE_PARAMETERS) {
  __local float window_slab[SLAB * PITCH] __attribute__((aligned(16)));
  __local float weight_slab[SLAB * PITCH] __attribute__((aligned(16)));
  const int blocks = (pixels + TILE - 1) / TILE, block = tile_first_row(outputs) / TILE;
  const int phase = block / blocks;
  const int phase_h = phase / PHASES_W, phase_w = phase % PHASES_W;
  const int rows = (out_height + PHASES_H - 1) / PHASES_H;
  const int columns = (out_width + PHASES_W - 1) / PHASES_W;
  const int first_r = first_tap(phase_h, padding_top, PHASES_H);
  const int first_s = first_tap(phase_w, padding_left, PHASES_W);
  const int taps_high = (kernel_height - first_r + PHASES_H - 1) / PHASES_H;
  const int taps_wide = (kernel_width - first_s + PHASES_W - 1) / PHASES_W;
  const int depth = taps_high * taps_wide * channels;
  const int first_pixel = block % blocks * TILE, first_output = tile_first_column(outputs);
  const int id = get_local_id(1) * GROUP + get_local_id(0);

  // The windows this work-item gathers from: image, top and left; an image of -1 beyond the last.
  int images[LOADS], tops[LOADS], lefts[LOADS];
#pragma unroll
  for (int j = 0; j < LOADS; j++) {
    const int pixel = first_pixel + id / SLAB + j * (GROUP * GROUP / SLAB);
    const int row = pixel / columns;
    images[j] = pixel < pixels ? row / rows : -1;
    tops[j] = (row % rows * PHASES_H + phase_h) * stride_h - padding_top;
    lefts[j] = (pixel % columns * PHASES_W + phase_w) * stride_w - padding_left;
  }

  float4 sums[WORK][RUNS];
#pragma unroll
  for (int i = 0; i < WORK; i++)
#pragma unroll
    for (int j = 0; j < RUNS; j++) sums[i][j] = 0.0f;

  for (int start = 0; start < depth; start += SLAB) {
    // Neighbouring work-items read neighbouring channels of a window.
    const int tap = start + id % SLAB;
    const int c = tap % channels;
    const int r = first_r + tap / channels / taps_wide * PHASES_H;
    const int s = first_s + tap / channels % taps_wide * PHASES_W;
#pragma unroll
    for (int j = 0; j < LOADS; j++) {
      const int h = source_index(tops[j] + r, DILATION_H, height);
      const int column = source_index(lefts[j] + s, DILATION_W, width);
      float value = 0.0f;
      if (tap < depth && images[j] >= 0 && h >= 0 && column >= 0)
        value = load(x + (((size_t)images[j] * height + h) * width + column) * channels + c);
      window_slab[id % SLAB * PITCH + id / SLAB + j * (GROUP * GROUP / SLAB)] = value;
    }
#pragma unroll
    for (int j = 0; j < LOADS; j++) {
      const int element = id + j * GROUP * GROUP;
      const int k = start + element / TILE, output = first_output + element % TILE;
      const int weight_r = first_r + k / channels / taps_wide * PHASES_H;
      const int weight_s = first_s + k / channels % taps_wide * PHASES_W;
      const int row = PHASES_H * PHASES_W == 1
                          ? k
                          : (weight_r * kernel_width + weight_s) * channels + k % channels;
      weight_slab[element / TILE * PITCH + element % TILE] =
          k < depth && output < outputs ? load(w + (size_t)row * outputs + output) : 0.0f;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    tile_multiply(sums, window_slab, weight_slab);
    barrier(CLK_LOCAL_MEM_FENCE);
  }

#pragma unroll
  for (int i = 0; i < WORK; i++) {
    const int pixel = first_pixel + tile_position(i, 1);
    const int p = pixel / columns % rows * PHASES_H + phase_h;
    const int q = pixel % columns * PHASES_W + phase_w;
    if (pixel >= pixels || p >= out_height || q >= out_width) continue;
    const size_t place = ((size_t)(pixel / columns / rows) * out_height + p) * out_width + q;
#pragma unroll
    for (int j = 0; j < RUNS; j++) {
      float values[4];
      vstore4(sums[i][j], 0, values);
#pragma unroll
      for (int k = 0; k < 4; k++) {
        const int output = first_output + tile_position(4 * j + k, 0);
        const size_t index = place * outputs + output;
        if (output < outputs) store(EPILOGUE(values[k], index), y + index);
      }
    }
  }
}
