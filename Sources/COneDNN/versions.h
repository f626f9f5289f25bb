#pragma once

// The one place that knows oneDNN's 2.x from its 3.x interface. In 2.x a memory descriptor is a
// struct and a primitive descriptor is made from an operation descriptor; in 3.x the former is an
// opaque handle and the latter takes the operation's parameters itself. Here, a memory descriptor
// is a pointer to free, and there is one function per kind of primitive descriptor.

#include <oneapi/dnnl/dnnl.h>
#include <stdlib.h>

#include "COneDNN.h"

/// Spatial parameters of a convolution, (height, width) each.
typedef struct {
  dnnl_dims_t strides, padding_before, padding_after;
} convolution_window;

/// Appends `count` numbers.
static inline void layout_append(tessera_dnn_layout *it, int count, const int64_t *values) {
  for (int i = 0; i < count; i++) it->values[it->count++] = values[i];
}

/// A layout of blocks: sizes, with padding, distances, and the inner blocks.
static inline tessera_dnn_layout layout_of_blocks(
    int rank, const int64_t *dims, const int64_t *padded, const int64_t *strides, int blocks,
    const int64_t *block_sizes, const int64_t *block_dims) {
  tessera_dnn_layout result = {0};
  if (3 * rank + 2 * blocks > 64) return result;
  layout_append(&result, rank, dims);
  layout_append(&result, rank, padded);
  layout_append(&result, rank, strides);
  layout_append(&result, blocks, block_sizes);
  layout_append(&result, blocks, block_dims);
  return result;
}

#if DNNL_VERSION_MAJOR >= 3

typedef dnnl_memory_desc_t layout;
typedef const_dnnl_memory_desc_t layout_ref;

static inline dnnl_status_t layout_create_strided(
    layout *result, int rank, const dnnl_dims_t dims, const dnnl_dims_t strides) {
  return dnnl_memory_desc_create_with_strides(result, rank, dims, dnnl_f32, strides);
}

static inline dnnl_status_t layout_create_free(layout *result, int rank, const dnnl_dims_t dims) {
  return dnnl_memory_desc_create_with_tag(result, rank, dims, dnnl_f32, dnnl_format_tag_any);
}

static inline void layout_destroy(layout it) {
  if (it) dnnl_memory_desc_destroy(it);
}

static inline tessera_dnn_layout layout_describe(layout_ref it) {
  tessera_dnn_layout unknown = {0};
  dnnl_format_kind_t kind;
  int rank, blocks;
  dnnl_dims_t *dims, *padded, *strides, *block_sizes, *block_dims;
  if (dnnl_memory_desc_query(it, dnnl_query_format_kind, &kind) || kind != dnnl_blocked
      || dnnl_memory_desc_query(it, dnnl_query_ndims_s32, &rank)
      || dnnl_memory_desc_query(it, dnnl_query_dims, &dims)
      || dnnl_memory_desc_query(it, dnnl_query_padded_dims, &padded)
      || dnnl_memory_desc_query(it, dnnl_query_strides, &strides)
      || dnnl_memory_desc_query(it, dnnl_query_inner_nblks_s32, &blocks)
      || dnnl_memory_desc_query(it, dnnl_query_inner_blks, &block_sizes)
      || dnnl_memory_desc_query(it, dnnl_query_inner_idxs, &block_dims)) {
    return unknown;
  }
  return layout_of_blocks(
      rank, *dims, *padded, *strides, blocks, *block_sizes, *block_dims);
}

/// What keeps a choice of implementation from depending on the moment.
static inline dnnl_status_t attributes_set_deterministic(dnnl_primitive_attr_t attributes) {
#if DNNL_VERSION_MAJOR > 3 || DNNL_VERSION_MINOR >= 4
  return dnnl_primitive_attr_set_deterministic(attributes, 1);
#else
  return dnnl_success;
#endif
}

static inline dnnl_status_t convolution_plan(
    dnnl_primitive_desc_t *plan, dnnl_engine_t engine, dnnl_prop_kind_t kind, layout_ref src,
    layout_ref weights, layout_ref dst, const convolution_window *window,
    const_dnnl_primitive_attr_t attributes) {
  return dnnl_convolution_forward_primitive_desc_create(
      plan, engine, kind, dnnl_convolution_direct, src, weights, NULL, dst, window->strides, NULL,
      window->padding_before, window->padding_after, attributes);
}

static inline dnnl_status_t convolution_grad_weights_plan(
    dnnl_primitive_desc_t *plan, dnnl_engine_t engine, layout_ref src, layout_ref diff_weights,
    layout_ref diff_dst, const convolution_window *window, const_dnnl_primitive_desc_t forward,
    const_dnnl_primitive_attr_t attributes) {
  return dnnl_convolution_backward_weights_primitive_desc_create(
      plan, engine, dnnl_convolution_direct, src, diff_weights, NULL, diff_dst, window->strides,
      NULL, window->padding_before, window->padding_after, forward, attributes);
}

static inline dnnl_status_t matmul_plan(
    dnnl_primitive_desc_t *plan, dnnl_engine_t engine, layout_ref a, layout_ref b, layout_ref c,
    const_dnnl_primitive_attr_t attributes) {
  return dnnl_matmul_primitive_desc_create(plan, engine, a, b, NULL, c, attributes);
}

#else

typedef dnnl_memory_desc_t *layout;
typedef const dnnl_memory_desc_t *layout_ref;

static inline void layout_destroy(layout it) { free(it); }

static inline tessera_dnn_layout layout_describe(layout_ref it) {
  tessera_dnn_layout unknown = {0};
  if (it->format_kind != dnnl_blocked || it->offset0 || it->extra.flags) return unknown;
  const dnnl_blocking_desc_t *blocking = &it->format_desc.blocking;
  return layout_of_blocks(
      it->ndims, it->dims, it->padded_dims, blocking->strides, blocking->inner_nblks,
      blocking->inner_blks, blocking->inner_idxs);
}

static inline dnnl_status_t layout_create_strided(
    layout *result, int rank, const dnnl_dims_t dims, const dnnl_dims_t strides) {
  *result = malloc(sizeof **result);
  if (!*result) return dnnl_out_of_memory;
  return dnnl_memory_desc_init_by_strides(*result, rank, dims, dnnl_f32, strides);
}

static inline dnnl_status_t layout_create_free(layout *result, int rank, const dnnl_dims_t dims) {
  *result = malloc(sizeof **result);
  if (!*result) return dnnl_out_of_memory;
  return dnnl_memory_desc_init_by_tag(*result, rank, dims, dnnl_f32, dnnl_format_tag_any);
}

/// 2.x has no such attribute: its implementations are deterministic for a fixed thread count.
static inline dnnl_status_t attributes_set_deterministic(dnnl_primitive_attr_t attributes) {
  (void)attributes;
  return dnnl_success;
}

static inline dnnl_status_t convolution_plan(
    dnnl_primitive_desc_t *plan, dnnl_engine_t engine, dnnl_prop_kind_t kind, layout_ref src,
    layout_ref weights, layout_ref dst, const convolution_window *window,
    const_dnnl_primitive_attr_t attributes) {
  dnnl_convolution_desc_t operation;
  dnnl_status_t status = dnnl_convolution_forward_desc_init(
      &operation, kind, dnnl_convolution_direct, src, weights, NULL, dst, window->strides,
      window->padding_before, window->padding_after);
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(plan, &operation, attributes, engine, NULL);
}

static inline dnnl_status_t convolution_grad_weights_plan(
    dnnl_primitive_desc_t *plan, dnnl_engine_t engine, layout_ref src, layout_ref diff_weights,
    layout_ref diff_dst, const convolution_window *window, const_dnnl_primitive_desc_t forward,
    const_dnnl_primitive_attr_t attributes) {
  dnnl_convolution_desc_t operation;
  dnnl_status_t status = dnnl_convolution_backward_weights_desc_init(
      &operation, dnnl_convolution_direct, src, diff_weights, NULL, diff_dst, window->strides,
      window->padding_before, window->padding_after);
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(plan, &operation, attributes, engine, forward);
}

static inline dnnl_status_t matmul_plan(
    dnnl_primitive_desc_t *plan, dnnl_engine_t engine, layout_ref a, layout_ref b, layout_ref c,
    const_dnnl_primitive_attr_t attributes) {
  dnnl_matmul_desc_t operation;
  dnnl_status_t status = dnnl_matmul_desc_init(&operation, a, b, NULL, c);
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(plan, &operation, attributes, engine, NULL);
}

#endif
