// Gradient of a convolution with respect to its weight: out[r, s, c, k] = sum over n, p, q of
// x~ * g[n, p, q, k], where x~ is the dilated, padded image, channel c, at
// (p * stride_h + r - padding_top, q * stride_w + s - padding_left).
// g is in panels of COLUMNS outputs: panel * g_panel + (n, p, q) * g_row, where reading the columns
// beyond `outputs` is allowed. channels is at least ROWS.
// A work-item computes ROWS channels x COLUMNS outputs at one place of the kernel: (block of
// channels, panel, place). The last block of channels overlaps the one before.

#include "common/convolution.cl"
#include "common/register_block.cl"

VECTOR_KERNEL
void conv2d_grad_weight_blocks(__global const float *restrict x, __global const float *restrict g,
                               __global float *restrict out, int images, CONVOLUTION_PARAMETERS,
                               int g_panel, int g_row) {
  const int own_channel = get_global_id(0) * ROWS, panel = get_global_id(1);
  const int first_channel = min(own_channel, channels - ROWS);
  const int place = get_global_id(2);
  const int top = place / kernel_width - padding_top, left = place % kernel_width - padding_left;
  g += (size_t)panel * g_panel;

  // The output columns whose window has a pixel here: every q_step-th from first_q, since that many
  // strides make whole dilations.
  int q_step = 1;
  while (q_step * stride_w % DILATION_W != 0) q_step++;
  int first_q = 0;
  while (first_q < out_width && source_index(first_q * stride_w + left, DILATION_W, width) < 0)
    first_q++;
  int end_q = out_width;
  while (end_q > first_q && source_index((end_q - 1) * stride_w + left, DILATION_W, width) < 0)
    end_q--;
  const int q_count = (end_q - first_q + q_step - 1) / q_step;
  const int first_column = (first_q * stride_w + left) / DILATION_W;
  const int column_step = q_step * stride_w / DILATION_W;

  float16 sums[ROWS][VECTORS];
  block_clear(sums);
  for (int row = 0; row < images * out_height; row++) {
    const int h = source_index(row % out_height * stride_h + top, DILATION_H, height);
    if (h < 0 || q_count <= 0) continue;
    const size_t pixel = ((size_t)(row / out_height) * height + h) * width + first_column;
    block_multiply(sums, x + pixel * channels + first_channel, 1, column_step * channels,
                   g + ((size_t)row * out_width + first_q) * g_row, q_step * g_row, q_count);
  }

  float values[ROWS * COLUMNS];
  block_store(sums, values, COLUMNS);
  const int column_count = min(COLUMNS, outputs - panel * COLUMNS);
  for (int i = own_channel - first_channel; i < ROWS; i++) {
    const size_t start =
        ((size_t)place * channels + first_channel + i) * outputs + panel * COLUMNS;
    for (int j = 0; j < column_count; j++) out[start + j] = values[i * COLUMNS + j];
  }
}
