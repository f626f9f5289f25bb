#include <math.h>

#include "CHostKernels.h"
#include "exponential.h"
#include "tile.h"
#include "transpose.h"

// Rows are queries, or for gradients keys, a block of them at a time. The other side is walked in
// blocks of columns, whose scores with the rows are one small matrix product; it is gone before the
// next block. (Dao et al., FlashAttention, 2022.)

enum { most_rows = 6 * TILE_ROWS, block_columns = 8 * TILE_COLUMNS, lanes = 16 };
enum { turned_rows = WHOLE_ROWS(block_columns), turned_columns = (most_rows + 15) / lanes * lanes };

int64_t tessera_attention_block_rows(int64_t rows) {
  const int64_t blocks = (rows + most_rows - 1) / most_rows;
  return blocks > 0 ? (rows + blocks - 1) / blocks : 1;
}

/// Scratch memory, each part on a 64-byte boundary.
typedef struct {
  float *first_rows, *second_rows;        // [most_rows][D]
  float *first_columns, *second_columns;  // transposed: panels [D][columns]
  float *summed;                          // panels [columns][D]
  float *weights, *slopes;                // [turned_columns][block_columns]
  float *sums, *second_sums;              // [most_rows][D in whole panels]
  float *panels;                          // of first_rows
  float *turned;                          // slopes: [turned_rows][turned_columns]
} workspace;

static size_t layout(const tessera_attention_shape *it, float *memory, workspace *result) {
  const size_t depth = WHOLE_COLUMNS(it->depth);
  struct {
    float **part;
    size_t size;
  } parts[] = {
      {&result->first_rows, most_rows * depth},
      {&result->second_rows, most_rows * depth},
      {&result->first_columns, block_columns * depth},
      {&result->second_columns, block_columns * depth},
      {&result->summed, block_columns * depth},
      {&result->weights, turned_columns * block_columns},
      {&result->slopes, turned_columns * block_columns},
      {&result->sums, most_rows * depth},
      {&result->second_sums, most_rows * depth},
      {&result->panels, most_rows * depth},
      {&result->turned, turned_rows * turned_columns},
  };
  size_t total = 0;
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    *parts[i].part = memory + total;
    total += parts[i].size;
  }
  return total;
}

size_t tessera_attention_scratch_count(const tessera_attention_shape *it) {
  workspace unused;
  return layout(it, NULL, &unused);
}

// MARK: moving rows

/// Rows of one sample and head: `stride` floats apart.
typedef struct {
  const float *start;
  int64_t stride, count;
} row_list;

static row_list rows_of(
    const tessera_attention_shape *it, const float *tensor, int64_t count, int64_t sample,
    int64_t head) {
  const int64_t stride = it->heads * it->depth;
  return (row_list){tensor + sample * count * stride + head * it->depth, stride, count};
}

/// `count` rows from `first` on as a dense matrix, filled up to whole tiles with zeros.
static void gather_rows(
    const row_list *from, int64_t first, int64_t count, int64_t depth, float *to) {
  for (int64_t i = 0; i < count; i++) {
    memcpy(to + i * depth, from->start + (first + i) * from->stride, depth * sizeof *to);
  }
  memset(to + count * depth, 0, (WHOLE_ROWS(count) - count) * depth * sizeof *to);
}

/// `count` rows from `first` on as panels [columns of the rows][count][32], zeros beyond the depth.
static void gather_panels(
    const row_list *from, int64_t first, int64_t count, int64_t depth, float *to) {
  for (int64_t panel = 0; panel < depth; panel += TILE_COLUMNS) {
    const int64_t width = depth - panel < TILE_COLUMNS ? depth - panel : TILE_COLUMNS;
    for (int64_t i = 0; i < count; i++) {
      float *target = to + panel * count + i * TILE_COLUMNS;
      memcpy(target, from->start + (first + i) * from->stride + panel, width * sizeof *to);
      memset(target + width, 0, (TILE_COLUMNS - width) * sizeof *to);
    }
  }
}

/// `count` rows from `first` on as the columns of panels [rows][depth][32], zeros beyond them.
FOR_ALL_LEVELS static void gather_transposed(
    const row_list *from, int64_t first, int64_t count, int64_t depth, float *to) {
  for (int64_t row = 0; row < WHOLE_COLUMNS(count); row += lanes) {
    const float *source = from->start + (first + row) * from->stride;
    float *target = to + row / TILE_COLUMNS * TILE_COLUMNS * depth + row % TILE_COLUMNS;
    const int64_t there = count - row < 0 ? 0 : count - row < lanes ? count - row : lanes;
    const int64_t vectors = there == lanes ? depth / lanes * lanes : 0;
    for (int64_t k = 0; k < vectors; k += lanes) {
      transpose(source + k, from->stride, target + k * TILE_COLUMNS, TILE_COLUMNS);
    }
    for (int64_t k = vectors; k < depth; k++) {
      for (int64_t i = 0; i < lanes; i++) {
        target[k * TILE_COLUMNS + i] = i < there ? source[i * from->stride + k] : 0;
      }
    }
  }
}

/// Rows from `first` on of a tensor of one sample and head, from a matrix with rows `stride` apart.
static void scatter_rows(
    const tessera_attention_shape *it, const float *from, int64_t stride, float *tensor,
    int64_t extent, int64_t sample, int64_t head, int64_t first, int64_t count) {
  const row_list rows = rows_of(it, tensor, extent, sample, head);
  for (int64_t i = 0; i < count; i++) {
    float *target = (float *)rows.start + (first + i) * rows.stride;
    memcpy(target, from + i * stride, it->depth * sizeof *target);
  }
}

// MARK: exponentials

/// x[i] becomes e^x[i]; `count` is whole vectors.
INLINE void exponentials(float *x, int64_t count) {
  for (int64_t i = 0; i < count; i += lanes) {
    vec16 value = LOAD16(x + i);
    exponential(&value);
    STORE16(x + i, value);
  }
}

/// Scores of a block become scale·s, and -∞ where a query does not see a key.
FOR_ALL_LEVELS static void mask_scores(
    const tessera_attention_shape *it, float *scores, int64_t rows, int64_t first_row,
    int64_t columns, int64_t first_column, int rows_are_keys) {
  for (int64_t i = 0; i < rows; i++) {
    float *row = scores + i * block_columns;
    for (int64_t j = 0; j < WHOLE_COLUMNS(columns); j++) row[j] *= it->scale;
    int64_t from = 0, to = columns;  // the columns that are seen
    if (it->causal && rows_are_keys) {
      from = first_row + i - first_column;
      from = from < 0 ? 0 : from > columns ? columns : from;
    } else if (it->causal) {
      to = first_row + i + 1 - first_column;
      to = to < 0 ? 0 : to > columns ? columns : to;
    }
    for (int64_t j = 0; j < from; j++) row[j] = -INFINITY;
    for (int64_t j = to; j < WHOLE_COLUMNS(columns); j++) row[j] = -INFINITY;
  }
}

// MARK: forward

/// Takes a block of scores into the running softmax of each row: they become e^(s − largest), and
/// what was summed before is scaled to the new largest.
FOR_ALL_LEVELS static void absorb_scores(
    float *scores, int64_t rows, int64_t columns, float *largest, float *total, float *sums,
    int64_t depth) {
  const int64_t whole = WHOLE_COLUMNS(columns);
  for (int64_t i = 0; i < rows; i++) {
    float *row = scores + i * block_columns;
    float top = largest[i];
    for (int64_t j = 0; j < whole; j++) top = row[j] > top ? row[j] : top;
    if (top == -INFINITY) {  // nothing seen yet
      memset(row, 0, whole * sizeof *row);
      continue;
    }
    const float shrink = expf(largest[i] - top);
    largest[i] = top;
    for (int64_t j = 0; j < whole; j++) row[j] -= top;
    exponentials(row, whole);
    vec16 sum = {0};
    for (int64_t j = 0; j < whole; j += lanes) sum += LOAD16(row + j);
    float added = 0;
    for (int lane = 0; lane < lanes; lane++) added += sum[lane];
    total[i] = total[i] * shrink + added;
    for (int64_t k = 0; sums && k < depth; k++) sums[i * depth + k] *= shrink;
  }
}

void tessera_attention_forward(
    const tessera_attention_shape *it, const tessera_attention_operands *operands,
    int64_t sample, int64_t head, int64_t first, float *output, float *log_sum, float *scratch) {
  workspace w;
  layout(it, scratch, &w);
  const int64_t depth = WHOLE_COLUMNS(it->depth);
  const int64_t block = tessera_attention_block_rows(it->queries), left = it->queries - first;
  const int64_t count = left < block ? left : block;
  const row_list queries = rows_of(it, operands->queries, it->queries, sample, head);
  const row_list keys = rows_of(it, operands->keys, it->keys, sample, head);
  float largest[most_rows], total[most_rows];
  for (int64_t i = 0; i < count; i++) {
    largest[i] = -INFINITY;
    total[i] = 0;
  }
  memset(w.sums, 0, most_rows * depth * sizeof *w.sums);
  gather_rows(&queries, first, count, it->depth, w.first_rows);
  // The last query of the block sees the most keys.
  const int64_t seen =
      it->causal && first + count < it->keys ? first + count : it->keys;
  for (int64_t column = 0; column < seen; column += block_columns) {
    const int64_t rest = seen - column;
    const int64_t columns = rest < block_columns ? rest : block_columns;
    gather_transposed(&keys, column, columns, it->depth, w.first_columns);
    multiply_tiles(
        w.first_rows, it->depth, w.first_columns, w.weights, block_columns, WHOLE_ROWS(count),
        WHOLE_COLUMNS(columns), it->depth, 0);
    mask_scores(it, w.weights, count, first, columns, column, 0);
    absorb_scores(w.weights, count, columns, largest, total, output ? w.sums : NULL, depth);
    if (!output) continue;
    const row_list values = rows_of(it, operands->values, it->keys, sample, head);
    gather_panels(&values, column, columns, it->depth, w.summed);
    multiply_tiles(
        w.weights, block_columns, w.summed, w.sums, depth, WHOLE_ROWS(count), depth, columns, 1);
  }
  for (int64_t i = 0; i < count; i++) {
    if (log_sum) {
      const int64_t row = (sample * it->queries + first + i) * it->heads + head;
      log_sum[row] = largest[i] + logf(total[i]);
    }
    for (int64_t k = 0; output && k < it->depth; k++) w.sums[i * depth + k] /= total[i];
  }
  if (output) {
    scatter_rows(it, w.sums, depth, output, it->queries, sample, head, first, count);
  }
}

// MARK: gradients

/// Scores of keys (rows) and queries become probabilities p = e^(s − logSum), and slopes
/// scale·p·(slope − mean), given both numbers of each query, `stride` apart.
FOR_ALL_LEVELS static void weigh(
    const tessera_attention_shape *it, float *scores, float *slopes, int64_t rows, int64_t columns,
    const float *log_sum, const float *mean, int64_t stride) {
  const int64_t whole = WHOLE_COLUMNS(columns);
  float log_sums[block_columns], means[block_columns];
  for (int64_t j = 0; j < whole; j++) {
    const int64_t query = j < columns ? j : 0;
    log_sums[j] = log_sum[query * stride];
    means[j] = mean[query * stride];
  }
  for (int64_t i = 0; i < rows; i++) {
    float *row = scores + i * block_columns, *slope = slopes + i * block_columns;
    for (int64_t j = 0; j < whole; j++) row[j] -= log_sums[j];
    exponentials(row, whole);
    for (int64_t j = 0; j < whole; j++) slope[j] = it->scale * row[j] * (slope[j] - means[j]);
  }
}

/// turned[j][i] = slopes[i][j] for `columns` of them, and 0 up to whole tiles.
FOR_ALL_LEVELS static void turn(
    const float *slopes, int64_t rows, int64_t columns, float *turned) {
  for (int64_t j = 0; j < columns; j += lanes) {
    for (int64_t i = 0; i < rows; i += lanes) {
      transpose(
          slopes + i * block_columns + j, block_columns, turned + j * turned_columns + i,
          turned_columns);
    }
  }
  memset(
      turned + columns * turned_columns, 0,
      (WHOLE_ROWS(columns) - columns) * turned_columns * sizeof *turned);
}

int64_t tessera_attention_query_part_count(const tessera_attention_shape *it) {
  return (it->queries + TILE_ROWS) * WHOLE_COLUMNS(it->depth);
}

void tessera_attention_grad(
    const tessera_attention_shape *it, const tessera_attention_operands *operands,
    int64_t sample, int64_t head, int64_t first, int64_t end, float *grad_keys, float *grad_values,
    float *query_part, float *scratch) {
  workspace w;
  layout(it, scratch, &w);
  const int64_t depth = WHOLE_COLUMNS(it->depth);
  const int64_t block = tessera_attention_block_rows(it->keys);
  const row_list queries = rows_of(it, operands->queries, it->queries, sample, head);
  const row_list gradient = rows_of(it, operands->gradient, it->queries, sample, head);
  const row_list keys = rows_of(it, operands->keys, it->keys, sample, head);
  const row_list values = rows_of(it, operands->values, it->keys, sample, head);
  const int64_t numbers = sample * it->queries * it->heads + head;
  memset(query_part, 0, tessera_attention_query_part_count(it) * sizeof *query_part);
  for (; first < end; first += block) {
    const int64_t count = end - first < block ? end - first : block, rows = WHOLE_ROWS(count);
    gather_rows(&keys, first, count, it->depth, w.first_rows);
    gather_rows(&values, first, count, it->depth, w.second_rows);
    gather_panels(&keys, first, count, it->depth, w.panels);
    memset(w.sums, 0, most_rows * depth * sizeof *w.sums);
    memset(w.second_sums, 0, most_rows * depth * sizeof *w.second_sums);
    // The first key of the block is seen by the most queries.
    const int64_t unseen = it->causal ? first / TILE_COLUMNS * TILE_COLUMNS : 0;
    for (int64_t column = unseen; column < it->queries; column += block_columns) {
      const int64_t rest = it->queries - column;
      const int64_t columns = rest < block_columns ? rest : block_columns;
      const int64_t whole = WHOLE_COLUMNS(columns);
      gather_transposed(&queries, column, columns, it->depth, w.first_columns);
      multiply_tiles(
          w.first_rows, it->depth, w.first_columns, w.weights, block_columns, rows, whole,
          it->depth, 0);
      gather_transposed(&gradient, column, columns, it->depth, w.second_columns);
      multiply_tiles(
          w.second_rows, it->depth, w.second_columns, w.slopes, block_columns, rows, whole,
          it->depth, 0);
      mask_scores(it, w.weights, count, first, columns, column, 1);
      weigh(
          it, w.weights, w.slopes, count, columns, operands->log_sum + numbers + column * it->heads,
          operands->mean + numbers + column * it->heads, it->heads);
      gather_panels(&gradient, column, columns, it->depth, w.summed);
      multiply_tiles(
          w.weights, block_columns, w.summed, w.second_sums, depth, rows, depth, columns, 1);
      gather_panels(&queries, column, columns, it->depth, w.summed);
      multiply_tiles(w.slopes, block_columns, w.summed, w.sums, depth, rows, depth, columns, 1);
      turn(w.slopes, count, columns, w.turned);
      multiply_tiles(
          w.turned, turned_columns, w.panels, query_part + column * depth, depth,
          WHOLE_ROWS(columns), depth, count, 1);
    }
    scatter_rows(it, w.sums, depth, grad_keys, it->keys, sample, head, first, count);
    scatter_rows(it, w.second_sums, depth, grad_values, it->keys, sample, head, first, count);
  }
}

FOR_ALL_LEVELS void tessera_attention_grad_query(
    const tessera_attention_shape *it, int64_t sample, int64_t head, float *query_parts,
    int64_t part_count, float *grad_queries) {
  const int64_t depth = WHOLE_COLUMNS(it->depth), size = tessera_attention_query_part_count(it);
  for (int64_t part = 1; part < part_count; part++) {
    for (int64_t i = 0; i < it->queries * depth; i++) query_parts[i] += query_parts[part * size + i];
  }
  scatter_rows(it, query_parts, depth, grad_queries, it->queries, sample, head, 0, it->queries);
}
