// Brings the rows of attention's one side into panels for its CPU kernels: in [B, count, heads,
// DEPTH] to panels [B, heads, panel, DEPTH, COLUMNS], the last filled up with zeros.
// A work-item makes one panel of one head: (panel, B * heads).

#include "common/attention_rows.cl"

VECTOR_KERNEL
void attention_pack_panels(__global const IN0 *restrict in, __global IN0 *restrict panels,
                           int heads, int count) {
  const int first = get_global_id(0) * COLUMNS, slice = get_global_id(1);
  const int stride = heads * DEPTH;
  in += ((size_t)(slice / heads) * count + first) * stride + slice % heads * DEPTH;
  panels += ((size_t)slice * get_global_size(0) + get_global_id(0)) * PANEL;
  const int col_count = min(COLUMNS, count - first);
  for (int d = 0; d < DEPTH; d += 16) {
    float values[16 * COLUMNS];
    for (int c = 0; c < COLUMNS; c++) {
      const float16 value = c < col_count ? load16(in + (size_t)c * stride + d) : 0.0f;
      vstore16(value, c, values);
    }
    for (int k = 0; k < 16; k++) {
      float row[COLUMNS];
      for (int c = 0; c < COLUMNS; c++) row[c] = values[c * 16 + k];
      for (int v = 0; v < VECTORS; v++)
        store16(vload16(v, row), panels + (d + k) * COLUMNS + 16 * v);
    }
  }
}
