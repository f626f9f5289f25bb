// Matrix product on a CPU: out[b, m, n] = EPILOGUE(sum over k of left[b, m, k] * right[b, k, n]).
// left: element (m, k) at b * left_batch + m * left_row + k * left_step; at least ROWS rows.
// right: panels of COLUMNS columns, b * right_batch + panel * right_panel + k * right_row, where
// reading the columns beyond `columns` is allowed (matmul_pack_panels.cl makes such panels).
// A work-item computes ROWS x COLUMNS of the output: (block of rows, panel, batch). Blocks next to
// each other share the panel, which stays in cache. The last block of rows overlaps the one before.

#include "common/numeric.cl"
#include "common/register_block.cl"

VECTOR_KERNEL
void matmul_panels(__global const IN0 *restrict left, __global const IN0 *restrict right,
                   __global OUT *restrict out, int rows, int columns, int depth, int left_batch,
                   int left_row, int left_step, int right_batch, int right_panel,
                   int right_row EPILOGUE_PARAMETERS) {
  const int own_row = get_global_id(0) * ROWS, panel = get_global_id(1);
  const int first_row = min(own_row, rows - ROWS);
  const size_t batch = get_global_id(2);
  const int column_count = min(COLUMNS, columns - panel * COLUMNS);
  if (columns % 16 == 0) {
    for (int i = 0; i < ROWS; i++) {
      const size_t start = (batch * rows + first_row + i) * columns + panel * COLUMNS;
      for (int j = 0; j < column_count; j += 16) EPILOGUE_PREFETCH(start + j);
    }
  }
  float16 sums[ROWS][VECTORS];
  block_clear(sums);
  block_multiply(sums, left + batch * left_batch + (size_t)first_row * left_row, left_row,
                 left_step, right + batch * right_batch + (size_t)panel * right_panel, right_row,
                 depth);

  float values[ROWS * COLUMNS];
  block_store(sums, values, COLUMNS);
  for (int i = own_row - first_row; i < ROWS; i++) {
    const size_t start = (batch * rows + first_row + i) * columns + panel * COLUMNS;
    if (columns % 16 == 0) {
      for (int j = 0; j < column_count; j += 16)
        store16(EPILOGUE16(load16(values + i * COLUMNS + j), start + j), out + start + j);
    } else {
      for (int j = 0; j < column_count; j++)
        store(EPILOGUE(values[i * COLUMNS + j], start + j), out + start + j);
    }
  }
}
