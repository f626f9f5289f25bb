// Winograd's transform of a weight [3, 3, channels, outputs], in the order conv2d_winograd.cl reads
// it: transformed[panel, place, c, column], for panels of COLUMNS outputs.
// `outputs` is a multiple of COLUMNS. A work-item transforms CHANNELS channels of one panel:
// (block of channels, panel).

#include "common/register_block.cl"
#include "common/winograd.cl"

#ifndef CHANNELS
#define CHANNELS 16  // channels a work-item; they divide `channels`
#endif

VECTOR_KERNEL
void conv2d_winograd_weight(__global const IN1 *restrict w, __global float *restrict transformed,
                            int channels, int outputs) {
  const int first = get_global_id(0) * CHANNELS, panel = get_global_id(1);
  const size_t tap = (size_t)channels * outputs;
  w += (size_t)first * outputs + panel * COLUMNS;
  transformed += ((size_t)panel * PLACES * channels + first) * COLUMNS;
  for (int c = 0; c < CHANNELS; c++)
    for (int v = 0; v < VECTORS; v++)
      transform_taps(w + (size_t)c * outputs + 16 * v, tap, 0, 0,
                     transformed + c * COLUMNS + 16 * v, channels * COLUMNS);
}
