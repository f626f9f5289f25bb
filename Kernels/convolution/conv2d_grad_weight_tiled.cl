// Gradient of a convolution with respect to its weight on a GPU, over chunks of `chunk` positions:
// out[chunk, r, s, c, k] = sum over the positions (n, p, q) of the chunk of x~ * g[n, p, q, k], where
// x~ is the dilated, padded image, channel c, at (p * stride_h + r - padding_top,
// q * stride_w + s - padding_left). conv2d_grad_weight_combine.cl adds the chunks.
// The matrix product of windows [R*S*C, positions] and gradients [positions, outputs], whose left
// operand is gathered from the image as it is brought to local memory.
// A work-group computes TILE rows x TILE outputs of a chunk, which group dimension 1 runs over; the
// tiles of all phases follow each other.
// Where the image is dilated and the stride is 1, every PHASES_H-th row and PHASES_W-th column of the
// kernel are a phase: they are over pixels at the same positions, every PHASES_H-th row and PHASES_W-th
// column of g. Of each phase there are `positions` = N * ceil(P / PHASES_H) * ceil(Q / PHASES_W), those
// beyond an edge included.

#include "common/convolution.cl"
#include "common/real.cl"
#include "common/tile.cl"

#ifndef PHASES_H
#define PHASES_H 1
#endif
#ifndef PHASES_W
#define PHASES_W 1
#endif

// The first row or column of g whose window has a pixel at place `phase` of the kernel.
static int first_position(int phase, int padding, int phases) {
  return ((padding - phase) % phases + phases) % phases;
}

__kernel __attribute__((reqd_work_group_size(GROUP, GROUP, 1)))
void conv2d_grad_weight_tiled(__global const float *restrict x, __global const float *restrict g,
                              __global float *restrict out, int positions, int chunk,
                              CONVOLUTION_PARAMETERS) {
  __local float window_slab[SLAB * PITCH] __attribute__((aligned(16)));
  __local float gradient_slab[SLAB * PITCH] __attribute__((aligned(16)));
  // Where the windows of a slab lie, of this one and the next: first row of the image, or -1 beyond
  // the chunk, top and left, and the pixel of g.
  __local int4 windows[2][SLAB];
  const int places_high = (kernel_height + PHASES_H - 1) / PHASES_H;
  const int places_wide = (kernel_width + PHASES_W - 1) / PHASES_W;
  const int blocks = (places_high * places_wide * channels + TILE - 1) / TILE;
  const int block = tile_first_row(outputs) / TILE;
  const int phase_h = block / blocks / PHASES_W, phase_w = block / blocks % PHASES_W;
  const int first_p = first_position(phase_h, padding_top, PHASES_H);
  const int first_q = first_position(phase_w, padding_left, PHASES_W);
  const int rows = (out_height + PHASES_H - 1) / PHASES_H;
  const int columns = (out_width + PHASES_W - 1) / PHASES_W;
  const int first_row = block % blocks * TILE, first_output = tile_first_column(outputs);
  const int first = get_group_id(1) * chunk, end = min(first + chunk, positions);
  const int id = get_local_id(1) * GROUP + get_local_id(0);

  // The place of the kernel and the channel that this work-item gathers.
  const int own = first_row + id % TILE, c = own % channels;
  const int r = phase_h + own / channels / places_wide * PHASES_H;
  const int s = phase_w + own / channels % places_wide * PHASES_W;
  const int output = first_output + id % TILE;

  float4 sums[WORK][RUNS];
#pragma unroll
  for (int i = 0; i < WORK; i++)
#pragma unroll
    for (int j = 0; j < RUNS; j++) sums[i][j] = 0.0f;

  for (int start = first - SLAB; start < end; start += SLAB) {
    const int next = (start - first) / SLAB & 1;
    // One slab ahead; before the first slab this is all.
    for (int k = id; k < SLAB; k += GROUP * GROUP) {
      const int position = start + SLAB + k, row = position / columns;
      const int p = row % rows * PHASES_H + first_p, q = position % columns * PHASES_W + first_q;
      const bool is_one = position < end && p < out_height && q < out_width;
      windows[!next][k] = (int4)(is_one ? row / rows * height : -1, p * stride_h - padding_top,
                                 q * stride_w - padding_left,
                                 (row / rows * out_height + p) * out_width + q);
    }
    if (start >= first) {
#pragma unroll
      for (int j = 0; j < LOADS; j++) {
        // Neighbouring work-items read neighbouring channels of a window, and outputs.
        const int k = id / TILE + j * (GROUP * GROUP / TILE);
        const int4 window = windows[next][k];
        const int h = source_index(window.y + r, DILATION_H, height);
        const int column = source_index(window.z + s, DILATION_W, width);
        float value = 0.0f, gradient = 0.0f;
        if (window.x >= 0 && r < kernel_height && s < kernel_width && h >= 0 && column >= 0)
          value = x[((size_t)(window.x + h) * width + column) * channels + c];
        if (window.x >= 0 && output < outputs)
          gradient = g[(size_t)window.w * outputs + output];
        window_slab[k * PITCH + id % TILE] = value;
        gradient_slab[k * PITCH + id % TILE] = gradient;
      }
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    if (start >= first) tile_multiply(sums, window_slab, gradient_slab);
    barrier(CLK_LOCAL_MEM_FENCE);
  }

  out += (size_t)get_group_id(1) * kernel_height * kernel_width * channels * outputs;
#pragma unroll
  for (int i = 0; i < WORK; i++) {
    const int row = first_row + tile_position(i, 1), place = row / channels;
    const int own_r = phase_h + place / places_wide * PHASES_H;
    const int own_s = phase_w + place % places_wide * PHASES_W;
    if (own_r >= kernel_height || own_s >= kernel_width) continue;
    const size_t line = ((size_t)own_r * kernel_width + own_s) * channels + row % channels;
#pragma unroll
    for (int j = 0; j < RUNS; j++) {
      float values[4];
      vstore4(sums[i][j], 0, values);
#pragma unroll
      for (int k = 0; k < 4; k++) {
        const int column = first_output + tile_position(4 * j + k, 0);
        if (column < outputs) out[line * outputs + column] = values[k];
      }
    }
  }
}
