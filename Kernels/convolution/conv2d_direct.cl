// Convolution on a CPU: y[n, p, q, k] = EPILOGUE(sum over r, s, c of x~ * w[r, s, c, k]), where x~
// is the dilated, padded image at row p * stride_h + r - padding_top and column
// q * stride_w + s - padding_left.
// Weights are panels of COLUMNS outputs: panel * w_panel + (r, s, c) * w_row, where reading the
// columns beyond `outputs` is allowed. out_width is at least ROWS.
// A work-item computes ROWS pixels of one output row x COLUMNS outputs: (block of pixels, image and
// row, panel). Pixels next to each other share the panel, which stays in cache. The last block of a
// row overlaps the one before.

#include "common/convolution.cl"
#include "common/numeric.cl"
#include "common/register_block.cl"

// sums += pixels * weights for one place of the kernel at the edge of an image: pixel i is at
// x[offsets[i]], or zero where masks[i] is 0 rather than all ones.
static __attribute__((always_inline)) void block_multiply_masked(
    float16 sums[ROWS][VECTORS], __global const IN0 *x, const int offsets[ROWS],
    const int masks[ROWS], __global const IN0 *w, int w_row, int channels) {
  for (int c = 0; c < channels; c++) {
    float16 columns[VECTORS];
#pragma unroll
    for (int v = 0; v < VECTORS; v++) columns[v] = load16(w + 16 * v);
#pragma unroll
    for (int i = 0; i < ROWS; i++) {
      const float16 value = as_float(as_int(load(x + offsets[i] + c)) & masks[i]);
#pragma unroll
      for (int v = 0; v < VECTORS; v++) sums[i][v] = fma(value, columns[v], sums[i][v]);
    }
    w += w_row;
  }
}

VECTOR_KERNEL
void conv2d_direct(__global const IN0 *restrict x, __global const IN0 *restrict w,
                   __global OUT *restrict y, CONVOLUTION_PARAMETERS, int w_panel,
                   int w_row EPILOGUE_PARAMETERS) {
  const int own_q = get_global_id(0) * ROWS, image_row = get_global_id(1);
  const int panel = get_global_id(2);
  const int first_q = min(own_q, out_width - ROWS);
  const int top = image_row % out_height * stride_h - padding_top;
  const int left = first_q * stride_w - padding_left;
  const int right = left + (ROWS - 1) * stride_w + kernel_width - 1;
  const int is_inside = DILATION_W == 1 && left >= 0 && right < width;
  x += (size_t)(image_row / out_height) * height * width * channels;
  w += (size_t)panel * w_panel;

  float16 sums[ROWS][VECTORS];
  block_clear(sums);
  for (int r = 0; r < kernel_height; r++) {
    const int h = source_index(top + r, DILATION_H, height);
    if (h < 0) continue;
    __global const IN0 *row = x + (size_t)h * width * channels;
    __global const IN0 *w_r = w + (size_t)r * kernel_width * channels * w_row;
    if (is_inside) {
      // A row of the kernel covers neighbouring pixels: one run of columns and channels.
      block_multiply(sums, row + left * channels, stride_w * channels, 1, w_r, w_row,
                     kernel_width * channels);
      continue;
    }
    for (int s = 0; s < kernel_width; s++) {
      int offsets[ROWS], masks[ROWS];
      int any = 0;
      for (int i = 0; i < ROWS; i++) {
        const int column = source_index(left + i * stride_w + s, DILATION_W, width);
        offsets[i] = max(column, 0) * channels;
        masks[i] = column < 0 ? 0 : -1;
        any |= masks[i];
      }
      if (any)
        block_multiply_masked(sums, row, offsets, masks, w_r + (size_t)s * channels * w_row, w_row,
                              channels);
    }
  }

  float values[ROWS * COLUMNS];
  block_store(sums, values, COLUMNS);
  const int column_count = min(COLUMNS, outputs - panel * COLUMNS);
  for (int i = own_q - first_q; i < ROWS; i++) {
    const size_t start = ((size_t)image_row * out_width + first_q + i) * outputs + panel * COLUMNS;
    if (outputs % 16 == 0) {
      for (int j = 0; j < column_count; j += 16)
        store16(EPILOGUE16(load16(values + i * COLUMNS + j), start + j), y + start + j);
    } else {
      for (int j = 0; j < column_count; j++)
        store(EPILOGUE(values[i * COLUMNS + j], start + j), y + start + j);
    }
  }
}
