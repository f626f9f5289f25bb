// Convolution on a GPU: y[n, p, q, k] = EPILOGUE(sum over r, s, c of x~ * w[r, s, c, k]), where x~
// is the dilated, padded image at row p * stride_h + r - padding_top and column
// q * stride_w + s - padding_left.
// The matrix product of windows [pixels, R*S*C] and weights [R*S*C, outputs], whose left operand is
// gathered from the image as it is brought to local memory.
// A work-group computes TILE pixels x TILE outputs: (outputs, pixels), pixels = N * P * Q.

#include "common/convolution.cl"
#include "common/numeric.cl"
#include "common/real.cl"
#include "common/tile.cl"

__kernel __attribute__((reqd_work_group_size(GROUP, GROUP, 1)))
void conv2d_implicit_gemm(__global const IN0 *restrict x, __global const IN0 *restrict w,
                          __global OUT *restrict y, int pixels,
                          CONVOLUTION_PARAMETERS EPILOGUE_PARAMETERS) {
  __local float window_slab[SLAB * PITCH] __attribute__((aligned(16)));
  __local float weight_slab[SLAB * PITCH] __attribute__((aligned(16)));
  const int first_pixel = get_group_id(1) * TILE, first_output = get_group_id(0) * TILE;
  const int id = get_local_id(1) * GROUP + get_local_id(0);
  const int depth = kernel_height * kernel_width * channels;

  // The windows this work-item gathers from: image, top and left; an image of -1 beyond the last.
  int images[LOADS], tops[LOADS], lefts[LOADS];
#pragma unroll
  for (int j = 0; j < LOADS; j++) {
    const int pixel = first_pixel + id / SLAB + j * (GROUP * GROUP / SLAB);
    const int row = pixel / out_width;
    images[j] = pixel < pixels ? row / out_height : -1;
    tops[j] = row % out_height * stride_h - padding_top;
    lefts[j] = pixel % out_width * stride_w - padding_left;
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
    const int r = tap / channels / kernel_width, s = tap / channels % kernel_width;
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
      weight_slab[element / TILE * PITCH + element % TILE] =
          k < depth && output < outputs ? load(w + (size_t)k * outputs + output) : 0.0f;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    tile_multiply(sums, window_slab, weight_slab);
    barrier(CLK_LOCAL_MEM_FENCE);
  }

#pragma unroll
  for (int i = 0; i < WORK; i++) {
    const int pixel = first_pixel + tile_position(i, 1);
    if (pixel >= pixels) continue;
#pragma unroll
    for (int j = 0; j < RUNS; j++) {
      float values[4];
      vstore4(sums[i][j], 0, values);
#pragma unroll
      for (int k = 0; k < 4; k++) {
        const int output = first_output + tile_position(4 * j + k, 0);
        const size_t index = (size_t)pixel * outputs + output;
        if (output < outputs) store(EPILOGUE(values[k], index), y + index);
      }
    }
  }
}
