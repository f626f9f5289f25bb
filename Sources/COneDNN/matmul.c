#include <stdlib.h>

#include "COneDNN.h"
#include "operation.h"

struct tessera_dnn_matmul {
  operation pack, multiply;
  bool constant_b;
  size_t packed_size;
  tessera_dnn_layout packed_layout;
};

/// Layouts of the operands as the caller holds them; `planned_b` is what the plan is asked for.
typedef struct {
  layout a, b, planned_b, c;
} matmul_layouts;

static void layouts_destroy(matmul_layouts *it) {
  layout_destroy(it->a);
  layout_destroy(it->b);
  layout_destroy(it->planned_b);
  layout_destroy(it->c);
}

/// A matrix or a batch of them, dense, each with `rows` rows, or stored transposed.
static dnnl_status_t layout_create_matrix(
    layout *result, int rank, int64_t batch, int64_t rows, int64_t columns, bool transposed) {
  int64_t row_stride = transposed ? 1 : columns;
  int64_t column_stride = transposed ? rows : 1;
  dnnl_dims_t dims = {batch, rows, columns};
  dnnl_dims_t strides = {rows * columns, row_stride, column_stride};
  return layout_create_strided(result, rank, dims + 3 - rank, strides + 3 - rank);
}

static dnnl_status_t layouts_create(matmul_layouts *it, const tessera_dnn_matmul_shape *shape) {
  int64_t batch_a = shape->batch_a, batch_b = shape->batch_b;
  int64_t m = shape->m, n = shape->n, k = shape->k;
  if (batch_a < 1 || batch_b < 1 || m < 1 || n < 1 || k < 1) return dnnl_invalid_arguments;
  if (batch_a != batch_b && batch_a != 1 && batch_b != 1) return dnnl_invalid_arguments;
  if (batch_b == 1 && !shape->transpose_a) {
    // One B for all: the rows of the whole batch are the rows of one matrix.
    m *= batch_a;
    batch_a = 1;
  }
  int64_t batch = batch_a > batch_b ? batch_a : batch_b;
  int rank = batch == 1 ? 2 : 3;
  TRY(layout_create_matrix(&it->a, rank, batch_a, m, k, shape->transpose_a));
  TRY(layout_create_matrix(&it->b, rank, batch_b, k, n, shape->transpose_b));
  TRY(layout_create_matrix(&it->c, rank, batch, m, n, false));
  if (shape->constant_b) {
    dnnl_dims_t dims = {batch_b, k, n};
    return layout_create_free(&it->planned_b, rank, dims + 3 - rank);
  }
  return layout_create_matrix(&it->planned_b, rank, batch_b, k, n, shape->transpose_b);
}

static dnnl_status_t matmul_prepare(
    tessera_dnn_matmul *it, const matmul_layouts *layouts, const_dnnl_primitive_desc_t plan) {
  operation *multiply = &it->multiply;
  TRY(operation_create(multiply, plan));
  TRY(operation_add(multiply, DNNL_ARG_SRC, layouts->a, DNNL_MEMORY_NONE));
  TRY(operation_add(multiply, DNNL_ARG_DST, layouts->c, DNNL_MEMORY_NONE));
  if (!it->constant_b) {
    return operation_add(multiply, DNNL_ARG_WEIGHTS, layouts->b, DNNL_MEMORY_NONE);
  }
  layout_ref packed = dnnl_primitive_desc_query_md(plan, dnnl_query_weights_md, 0);
  it->packed_size = dnnl_memory_desc_get_size(packed);
  it->packed_layout = layout_describe(packed);
  TRY(operation_add(multiply, DNNL_ARG_WEIGHTS, packed, DNNL_MEMORY_NONE));
  return operation_create_reorder(&it->pack, layouts->b, packed);
}

static dnnl_status_t plan_and_prepare(tessera_dnn_matmul *it, const matmul_layouts *layouts) {
  const dnn_runtime *runtime;
  TRY(dnn_runtime_get(&runtime));
  dnnl_primitive_desc_t plan;
  TRY(matmul_plan(
      &plan, runtime->engine, layouts->a, layouts->planned_b, layouts->c, runtime->attributes));
  dnnl_status_t status = matmul_prepare(it, layouts, plan);
  dnnl_primitive_desc_destroy(plan);
  return status;
}

int tessera_dnn_matmul_create(const tessera_dnn_matmul_shape *shape, tessera_dnn_matmul **handle) {
  *handle = NULL;
  tessera_dnn_matmul *it = calloc(1, sizeof *it);
  if (!it) return dnnl_out_of_memory;
  it->constant_b = shape->constant_b;
  matmul_layouts layouts = {0};
  dnnl_status_t status = layouts_create(&layouts, shape);
  if (status == dnnl_success) status = plan_and_prepare(it, &layouts);
  layouts_destroy(&layouts);
  if (status == dnnl_success) {
    *handle = it;
  } else {
    tessera_dnn_matmul_destroy(it);
  }
  return status;
}

size_t tessera_dnn_matmul_packed_size(const tessera_dnn_matmul *it) { return it->packed_size; }

tessera_dnn_layout tessera_dnn_matmul_packed_layout(const tessera_dnn_matmul *it) {
  return it->packed_layout;
}

int tessera_dnn_matmul_pack_b(tessera_dnn_matmul *it, const float *b, float *packed) {
  if (!it->constant_b) return dnnl_invalid_arguments;
  TRY(operation_set(&it->pack, DNNL_ARG_FROM, b));
  TRY(operation_set(&it->pack, DNNL_ARG_TO, packed));
  return operation_run(&it->pack);
}

int tessera_dnn_matmul_execute(tessera_dnn_matmul *it, const float *a, const float *b, float *c) {
  TRY(operation_set(&it->multiply, DNNL_ARG_SRC, a));
  TRY(operation_set(&it->multiply, DNNL_ARG_WEIGHTS, b));
  TRY(operation_set(&it->multiply, DNNL_ARG_DST, c));
  return operation_run(&it->multiply);
}

void tessera_dnn_matmul_destroy(tessera_dnn_matmul *it) {
  if (!it) return;
  operation_destroy(&it->pack);
  operation_destroy(&it->multiply);
  free(it);
}
