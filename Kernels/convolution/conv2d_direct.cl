// Convolution on a CPU: y[n, p, q, k] = EPILOGUE(sum over r, s, c of x~ * w[r, s, c, k]), where x~
// is the dilated, padded image at row p * stride_h + r - padding_top and column
// q * stride_w + s - padding_left.
// Weights are panels of COLUMNS outputs: panel * w_panel + (r, s, c) * w_row, where reading the
// columns beyond `outputs` is allowed. out_width is at least ROWS.
// A work-item (share, group) walks an equal share of the `rows` of y, ROWS pixels at a time, and for
// those PANELS panels, which stay in cache. The last block of a row overlaps the one before. While a
// block is summed up, the lines of y that are written next are fetched, and what its epilogue reads.

#include "common/convolution.cl"
#include "common/numeric.cl"
#include "common/register_block.cl"

#ifndef PANELS
#define PANELS 1  // panels of a group
#endif

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
                   __global OUT *restrict y, int rows, CONVOLUTION_PARAMETERS, int w_panel,
                   int w_row EPILOGUE_PARAMETERS) {
  const size_t share = get_global_id(0), shares = get_global_size(0);
  const int last_row = rows * (share + 1) / shares;
  const int group = get_global_id(1) * PANELS * COLUMNS;
  const int group_end = min(group + PANELS * COLUMNS, outputs);
  const int fetched_rows = (ROWS + kernel_height - 1) / kernel_height;
  for (int image_row = rows * share / shares; image_row < last_row; image_row++) {
    const int top = image_row % out_height * stride_h - padding_top;
    __global const IN0 *image = x + (size_t)(image_row / out_height) * height * width * channels;
    for (int own_q = 0; own_q < out_width; own_q += ROWS) {
      const int first_q = min(own_q, out_width - ROWS);
      const int left = first_q * stride_w - padding_left;
      const int right = left + (ROWS - 1) * stride_w + kernel_width - 1;
      const int is_inside = DILATION_W == 1 && left >= 0 && right < width;
      const size_t first_pixel = (size_t)image_row * out_width + first_q;
      for (int column = group; column < group_end; column += COLUMNS) {
        __global const IN0 *panel = w + (size_t)(column / COLUMNS) * w_panel;
        const size_t first = first_pixel * outputs + column;
        const int is_last = column + COLUMNS >= group_end;
        size_t ahead = is_last ? (first_pixel + ROWS) * outputs + group : first + COLUMNS;
        float16 sums[ROWS][VECTORS];
        block_clear(sums);
        for (int r = 0; r < kernel_height; r++) {
          for (int i = 0; i < fetched_rows; i++, ahead += outputs)
            for (int j = 0; j < COLUMNS; j += 16) {
              PREFETCH_WRITE(y + ahead + j);
              EPILOGUE_PREFETCH(ahead + j);
            }
          const int h = source_index(top + r, DILATION_H, height);
          if (h < 0) continue;
          __global const IN0 *row = image + (size_t)h * width * channels;
          __global const IN0 *w_r = panel + (size_t)r * kernel_width * channels * w_row;
          if (is_inside) {
            // A row of the kernel covers neighbouring pixels: one run of columns and channels.
            block_multiply(sums, row + left * channels, stride_w * channels, 1, w_r, w_row,
                           kernel_width * channels);
            continue;
          }
          for (int s = 0; s < kernel_width; s++) {
            int offsets[ROWS], masks[ROWS];
            if (place_pixels(ROWS, left + s, stride_w, width, channels, offsets, masks))
              block_multiply_masked(sums, row, offsets, masks, w_r + (size_t)s * channels * w_row,
                                    w_row, channels);
          }
        }
        const int skipped = own_q - first_q;
        if (outputs % 16 == 0) {
          // Unrolled, since an epilogue of e^x waits for itself: so all of them wait together.
#pragma unroll
          for (int i = 0; i < ROWS; i++) {
            if (i < skipped) continue;
            const size_t start = first + (size_t)i * outputs;
#pragma unroll
            for (int v = 0; v < VECTORS; v++)
              if (column + 16 * v < outputs)
                store16(EPILOGUE16(sums[i][v], start + 16 * v), y + start + 16 * v);
          }
        } else {
          float values[ROWS * COLUMNS];
          block_store(sums, values, COLUMNS);
          for (int i = skipped; i < ROWS; i++) {
            const size_t start = first + (size_t)i * outputs;
            for (int j = 0; j < min(COLUMNS, outputs - column); j++)
              store(EPILOGUE(values[i * COLUMNS + j], start + j), y + start + j);
          }
        }
      }
    }
  }
}
