// Partial gradients of a convolution with respect to its weight, over chunks of `chunk` rows of g:
// partials[chunk, row of the weight, k] = sum over q and the rows (n, p) of the chunk of
// x~ * g[n, p, q, k], where x~ is the dilated, padded image, channel c, at
// (p * stride_h + r - padding_top, q * stride_w + s - padding_left).
// conv2d_grad_weight_combine.cl adds the chunks. In a row of the kernel, places that fall onto pixels
// together follow each other, as told there.
// partials: [chunks, kernel_height * kernel_width * pitch, panels * COLUMNS], where `pitch` is at least
// `channels`; rows beyond those are of no use.
//
// A product of windows [R*S*C, N*P*Q] and gradients [N*P*Q, K]. A work-item takes a chunk, a panel of
// COLUMNS outputs and `taps` rows of the kernel: (chunk, panel, taps). It copies `strip` rows of g at a
// time and what they need of x, its pixels `pitch` apart and zeros beside them: then the channels at
// neighbouring places of a row of the kernel follow each other wherever the window lies, and every ROWS
// of them are a block of the product. Of the strip, `step` rows at a time stay in the first cache while
// all blocks use them.
// buffers: `buffer` floats for each work-item; those of g from `gradients` on. From the last pixel ROWS
// more than its own are read. The copy of x is from column first_column, `columns` of them.

#define UNROLL_STEPS _Pragma("unroll 4")

#include "common/convolution.cl"
#include "common/register_block.cl"

// a / b rounded down, for a positive b.
static int floor_divide(int a, int b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }

static __attribute__((always_inline)) void clear_floats(__global float *p, int count) {
  int i = 0;
  for (; i + 16 <= count; i += 16) store16((float16)(0.0f), p + i);
  for (; i < count; i++) p[i] = 0.0f;
}

static __attribute__((always_inline)) void copy_floats(__global const float *from,
                                                       __global float *to, int count) {
  int i = 0;
  for (; i + 16 <= count; i += 16) store16(load16(from + i), to + i);
  for (; i < count; i++) to[i] = from[i];
}

static __attribute__((always_inline)) void copy_pixels(__global const float *from,
                                                       __global float *to, int count, int channels,
                                                       int pitch) {
  if (channels == pitch) return copy_floats(from, to, count * channels);
  for (int i = 0; i < count; i++) {
    copy_floats(from + (size_t)i * channels, to + i * pitch, channels);
    clear_floats(to + i * pitch + channels, pitch - channels);
  }
}

VECTOR_KERNEL
void conv2d_grad_weight_blocks(__global const float *restrict x, __global const float *restrict g,
                               __global float *restrict partials, __global float *restrict buffers,
                               int images, CONVOLUTION_PARAMETERS, int pitch, int chunk, int taps,
                               int strip, int step, int first_column, int columns, int gradients,
                               int buffer) {
  const int panel = get_global_id(1), panels = get_global_size(1);
  const int first_r = get_global_id(2) * taps, end_r = min(first_r + taps, kernel_height);
  const int first_row = get_global_id(0) * chunk;
  const int end_row = min(first_row + chunk, images * out_height);
  const int first_output = panel * COLUMNS, output_count = min(COLUMNS, outputs - first_output);
  const int line = panels * COLUMNS;
  partials += (size_t)get_global_id(0) * kernel_height * kernel_width * pitch * line + first_output;
  const size_t item =
      (get_global_id(2) * panels + panel) * get_global_size(0) + get_global_id(0);
  __global float *pixels = buffers + item * buffer;
  __global float *panel_rows = pixels + gradients;
  // As many columns make whole dilations.
  int q_step = 1;
  while (q_step * stride_w % DILATION_W != 0) q_step++;

  for (int start = first_row; start < end_row;) {
    const int image = start / out_height, first_p = start % out_height;
    const int rows = min(min(strip, end_row - start), out_height - first_p);

    // The rows of x that the strip needs, from first_h.
    const int top = first_p * stride_h - padding_top;
    const int first_h = max(0, -floor_divide(-(top + first_r), DILATION_H));
    const int end_h =
        min(height, floor_divide(top + (rows - 1) * stride_h + end_r - 1, DILATION_H) + 1);
    const int before = clamp(-first_column, 0, columns);
    const int inside = clamp(width - max(first_column, 0), 0, columns - before);
    for (int h = first_h; h < end_h; h++) {
      __global float *row = pixels + (h - first_h) * columns * pitch;
      clear_floats(row, before * pitch);
      copy_pixels(x + (((size_t)image * height + h) * width + max(first_column, 0)) * channels,
                  row + before * pitch, inside, channels, pitch);
      clear_floats(row + (before + inside) * pitch, (columns - before - inside) * pitch);
    }
    // Of a last block, read for sums that are not stored.
    clear_floats(pixels + max(end_h - first_h, 0) * columns * pitch, ROWS);
    __global const float *own = g + (size_t)start * out_width * outputs + first_output;
    for (int i = 0; i < rows * out_width; i++) {
      __global float *row = panel_rows + i * COLUMNS;
      if (output_count == COLUMNS) {
#pragma unroll
        for (int v = 0; v < VECTORS; v++)
          store16(load16(own + (size_t)i * outputs + 16 * v), row + 16 * v);
      } else {
        copy_floats(own + (size_t)i * outputs, row, output_count);
        clear_floats(row + output_count, COLUMNS - output_count);
      }
    }

    for (int first = 0; first < rows; first += step) {
      const int end = min(first + step, rows);
      for (int r = first_r; r < end_r; r++) {
        __global float *target = partials + (size_t)r * kernel_width * pitch * line;
        for (int s = 0; s < min(DILATION_W, kernel_width); s++) {
          // The places s, s + DILATION_W, ... of the kernel. They are over pixels where q is
          // first_q, first_q + q_step, ...; nowhere if first_q is q_step.
          int first_q = 0;
          while (first_q < q_step && (first_q * stride_w + s - padding_left) % DILATION_W != 0)
            first_q++;
          const int q_count =
              first_q < q_step ? (out_width - first_q + q_step - 1) / q_step : 0;
          const int column = floor_divide(first_q * stride_w + s - padding_left, DILATION_W);
          const int count = (kernel_width - s + DILATION_W - 1) / DILATION_W * pitch;
          for (int row = 0; row < count; row += ROWS) {
            float16 sums[ROWS][VECTORS];
            block_clear(sums);
            const int row_count = min(ROWS, count - row);
            if (start != first_row || first != 0) {
#pragma unroll
              for (int i = 0; i < ROWS; i++)
#pragma unroll
                for (int v = 0; v < VECTORS; v++)
                  if (i < row_count)
                    sums[i][v] = load16(target + (size_t)(row + i) * line + 16 * v);
            }
            for (int p = first; p < end && q_count > 0; p++) {
              const int h = source_index(top + p * stride_h + r, DILATION_H, height);
              if (h < 0) continue;
              const int pixel = (h - first_h) * columns + column - first_column;
              block_multiply(sums, pixels + pixel * pitch + row, 1,
                             q_step * stride_w / DILATION_W * pitch,
                             panel_rows + (p * out_width + first_q) * COLUMNS, q_step * COLUMNS,
                             q_count);
            }
#pragma unroll
            for (int i = 0; i < ROWS; i++)
#pragma unroll
              for (int v = 0; v < VECTORS; v++)
                if (i < row_count)
                  store16(sums[i][v], target + (size_t)(row + i) * line + 16 * v);
          }
          target += (size_t)count * line;
        }
      }
    }
    start += rows;
  }
}
