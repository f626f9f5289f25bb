#include <stdlib.h>

#include "COneDNN.h"
#include "operation.h"

/// Layouts of a convolution's operands, as the caller holds them, and the one of the weights that
/// is oneDNN's to choose. oneDNN counts dimensions as N C H W and K C R S, whatever the strides.
typedef struct {
  layout src, weights, free_weights, dst;
  convolution_window window;
} convolution_layouts;

static void layouts_destroy(convolution_layouts *it) {
  layout_destroy(it->src);
  layout_destroy(it->weights);
  layout_destroy(it->free_weights);
  layout_destroy(it->dst);
}

static int64_t output_size(
    int64_t input, int64_t before, int64_t after, int64_t kernel, int64_t stride) {
  int64_t span = input + before + after - kernel;
  return span < 0 ? 0 : span / stride + 1;
}

static dnnl_status_t layout_create_image(
    layout *result, int64_t n, int64_t h, int64_t w, int64_t c) {
  dnnl_dims_t dims = {n, c, h, w};
  dnnl_dims_t strides = {h * w * c, 1, w * c, c};
  return layout_create_strided(result, 4, dims, strides);
}

static dnnl_status_t layouts_create(
    convolution_layouts *it, const tessera_dnn_convolution_shape *shape) {
  int64_t n = shape->batch, h = shape->height, w = shape->width, c = shape->channels;
  int64_t r = shape->kernel_height, s = shape->kernel_width, k = shape->output_channels;
  int64_t stride_h = shape->stride_height, stride_w = shape->stride_width;
  int64_t top = shape->padding_top, left = shape->padding_left;
  int64_t bottom = shape->padding_bottom, right = shape->padding_right;
  if (n < 1 || h < 1 || w < 1 || c < 1 || r < 1 || s < 1 || k < 1 || stride_h < 1 || stride_w < 1
      || top < 0 || left < 0 || bottom < 0 || right < 0) {
    return dnnl_invalid_arguments;
  }
  int64_t p = output_size(h, top, bottom, r, stride_h);
  int64_t q = output_size(w, left, right, s, stride_w);
  if (p < 1 || q < 1) return dnnl_invalid_arguments;

  it->window = (convolution_window){{stride_h, stride_w}, {top, left}, {bottom, right}};
  TRY(layout_create_image(&it->src, n, h, w, c));
  TRY(layout_create_image(&it->dst, n, p, q, k));
  dnnl_dims_t weights = {k, c, r, s};
  dnnl_dims_t weights_strides = {1, k, s * c * k, c * k};
  TRY(layout_create_strided(&it->weights, 4, weights, weights_strides));
  return layout_create_free(&it->free_weights, 4, weights);
}

// MARK: forward

struct tessera_dnn_convolution {
  operation pack, convolve;
  size_t packed_size;
  tessera_dnn_layout packed_layout;
};

static dnnl_status_t forward_prepare(
    tessera_dnn_convolution *it, const convolution_layouts *layouts,
    const_dnnl_primitive_desc_t plan) {
  layout_ref weights = dnnl_primitive_desc_query_md(plan, dnnl_query_weights_md, 0);
  TRY(operation_create_reorder(&it->pack, layouts->weights, weights));
  TRY(operation_create(&it->convolve, plan));
  TRY(operation_add(&it->convolve, DNNL_ARG_SRC, layouts->src, DNNL_MEMORY_NONE));
  TRY(operation_add(&it->convolve, DNNL_ARG_WEIGHTS, weights, DNNL_MEMORY_NONE));
  it->packed_size = dnnl_memory_desc_get_size(weights);
  it->packed_layout = layout_describe(weights);
  return operation_add(&it->convolve, DNNL_ARG_DST, layouts->dst, DNNL_MEMORY_NONE);
}

static dnnl_status_t forward_plan_and_prepare(
    tessera_dnn_convolution *it, const convolution_layouts *layouts) {
  const dnn_runtime *runtime;
  TRY(dnn_runtime_get(&runtime));
  dnnl_primitive_desc_t plan;
  TRY(convolution_plan(
      &plan, runtime->engine, dnnl_forward_inference, layouts->src, layouts->free_weights,
      layouts->dst, &layouts->window, runtime->attributes));
  dnnl_status_t status = forward_prepare(it, layouts, plan);
  dnnl_primitive_desc_destroy(plan);
  return status;
}

int tessera_dnn_convolution_create(
    const tessera_dnn_convolution_shape *shape, tessera_dnn_convolution **handle) {
  *handle = NULL;
  tessera_dnn_convolution *it = calloc(1, sizeof *it);
  if (!it) return dnnl_out_of_memory;
  convolution_layouts layouts = {0};
  dnnl_status_t status = layouts_create(&layouts, shape);
  if (status == dnnl_success) status = forward_plan_and_prepare(it, &layouts);
  layouts_destroy(&layouts);
  if (status == dnnl_success) {
    *handle = it;
  } else {
    tessera_dnn_convolution_destroy(it);
  }
  return status;
}

size_t tessera_dnn_convolution_packed_size(const tessera_dnn_convolution *it) {
  return it->packed_size;
}

tessera_dnn_layout tessera_dnn_convolution_packed_layout(const tessera_dnn_convolution *it) {
  return it->packed_layout;
}

int tessera_dnn_convolution_pack_weights(
    tessera_dnn_convolution *it, const float *weights, float *packed) {
  TRY(operation_set(&it->pack, DNNL_ARG_FROM, weights));
  TRY(operation_set(&it->pack, DNNL_ARG_TO, packed));
  return operation_run(&it->pack);
}

int tessera_dnn_convolution_execute(
    tessera_dnn_convolution *it, const float *src, const float *packed, float *dst) {
  if (!packed) return dnnl_invalid_arguments;
  TRY(operation_set(&it->convolve, DNNL_ARG_SRC, src));
  TRY(operation_set(&it->convolve, DNNL_ARG_WEIGHTS, packed));
  TRY(operation_set(&it->convolve, DNNL_ARG_DST, dst));
  return operation_run(&it->convolve);
}

void tessera_dnn_convolution_destroy(tessera_dnn_convolution *it) {
  if (!it) return;
  operation_destroy(&it->pack);
  operation_destroy(&it->convolve);
  free(it);
}

// MARK: gradient of the weights

struct tessera_dnn_convolution_grad_weights {
  operation differentiate, unpack;
};

static dnnl_status_t grad_weights_prepare(
    tessera_dnn_convolution_grad_weights *it, const convolution_layouts *layouts,
    const_dnnl_primitive_desc_t plan) {
  layout_ref weights = dnnl_primitive_desc_query_md(plan, dnnl_query_diff_weights_md, 0);
  operation *differentiate = &it->differentiate;
  TRY(operation_create(differentiate, plan));
  TRY(operation_add(differentiate, DNNL_ARG_SRC, layouts->src, DNNL_MEMORY_NONE));
  TRY(operation_add(differentiate, DNNL_ARG_DIFF_DST, layouts->dst, DNNL_MEMORY_NONE));
  TRY(operation_add(differentiate, DNNL_ARG_DIFF_WEIGHTS, weights, DNNL_MEMORY_ALLOCATE));
  TRY(operation_create_reorder(&it->unpack, weights, layouts->weights));
  return operation_set(
      &it->unpack, DNNL_ARG_FROM, operation_get(differentiate, DNNL_ARG_DIFF_WEIGHTS));
}

static dnnl_status_t grad_weights_plan_and_prepare(
    tessera_dnn_convolution_grad_weights *it, const convolution_layouts *layouts) {
  const dnn_runtime *runtime;
  TRY(dnn_runtime_get(&runtime));
  dnnl_primitive_desc_t forward, plan;
  TRY(convolution_plan(
      &forward, runtime->engine, dnnl_forward_training, layouts->src, layouts->free_weights,
      layouts->dst, &layouts->window, runtime->attributes));
  dnnl_status_t status = convolution_grad_weights_plan(
      &plan, runtime->engine, layouts->src, layouts->free_weights, layouts->dst, &layouts->window,
      forward, runtime->attributes);
  dnnl_primitive_desc_destroy(forward);
  TRY(status);
  status = grad_weights_prepare(it, layouts, plan);
  dnnl_primitive_desc_destroy(plan);
  return status;
}

int tessera_dnn_convolution_grad_weights_create(
    const tessera_dnn_convolution_shape *shape, tessera_dnn_convolution_grad_weights **handle) {
  *handle = NULL;
  tessera_dnn_convolution_grad_weights *it = calloc(1, sizeof *it);
  if (!it) return dnnl_out_of_memory;
  convolution_layouts layouts = {0};
  dnnl_status_t status = layouts_create(&layouts, shape);
  if (status == dnnl_success) status = grad_weights_plan_and_prepare(it, &layouts);
  layouts_destroy(&layouts);
  if (status == dnnl_success) {
    *handle = it;
  } else {
    tessera_dnn_convolution_grad_weights_destroy(it);
  }
  return status;
}

int tessera_dnn_convolution_grad_weights_execute(
    tessera_dnn_convolution_grad_weights *it, const float *src, const float *diff_dst,
    float *diff_weights) {
  TRY(operation_set(&it->differentiate, DNNL_ARG_SRC, src));
  TRY(operation_set(&it->differentiate, DNNL_ARG_DIFF_DST, diff_dst));
  TRY(operation_run(&it->differentiate));
  TRY(operation_set(&it->unpack, DNNL_ARG_TO, diff_weights));
  return operation_run(&it->unpack);
}

void tessera_dnn_convolution_grad_weights_destroy(tessera_dnn_convolution_grad_weights *it) {
  if (!it) return;
  operation_destroy(&it->unpack);
  operation_destroy(&it->differentiate);
  free(it);
}
