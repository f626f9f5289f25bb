// Copies a matrix into panels of 16 * VECTORS columns, each contiguous, the last filled up with
// zeros: panels[b, j, k, c] = in[b, k, j * COLUMNS + c].
// `in` is a batch of rows x columns matrices whose elements lie row_step and column_step apart, one
// of which is 1. A work-item copies 16 rows of one panel: (rows / 16, panel, batch).

#include "common/register_block.cl"

VECTOR_KERNEL
void matmul_pack_panels(__global const IN0 *restrict in, __global OUT *restrict panels,
                        int rows, int columns, int row_step, int column_step) {
  const int first_row = get_global_id(0) * 16, panel = get_global_id(1);
  const int first_column = panel * COLUMNS;
  const int row_count = min(16, rows - first_row);
  const int column_count = min(COLUMNS, columns - first_column);
  const size_t batch = get_global_id(2);
  in += batch * rows * columns + (size_t)first_row * row_step + (size_t)first_column * column_step;
  panels += ((batch * get_global_size(1) + panel) * rows + first_row) * COLUMNS;
  if (column_step == 1 && column_count == COLUMNS) {
    for (int k = 0; k < row_count; k++)
      for (int v = 0; v < VECTORS; v++)
        store16(load16(in + (size_t)k * row_step + 16 * v), panels + k * COLUMNS + 16 * v);
  } else {
    // A transposed matrix is read along its own rows.
    for (int c = 0; c < COLUMNS; c++)
      for (int k = 0; k < row_count; k++)
        store(c < column_count ? load(in + (size_t)k * row_step + (size_t)c * column_step) : 0.0f,
              panels + k * COLUMNS + c);
  }
}
