#pragma once

// What convolution and matrix multiplication share: the engine, and a primitive with its memory.

#include <stddef.h>

#include "versions.h"

/// Returns from the calling function if `expression` fails.
#define TRY(expression) \
  do { \
    dnnl_status_t status_ = (expression); \
    if (status_ != dnnl_success) return status_; \
  } while (0)

/// The process's engine and stream, and the attributes of every primitive: scratch memory from
/// outside, no reduced precision, deterministic.
typedef struct {
  dnnl_engine_t engine;
  dnnl_stream_t stream;
  dnnl_primitive_attr_t attributes;
} dnn_runtime;

/// Made at the first call, never freed.
dnnl_status_t dnn_runtime_get(const dnn_runtime **runtime);

/// A primitive and the memory objects of its arguments, which it owns. All zeros is empty.
typedef struct {
  dnnl_primitive_t primitive;
  dnnl_exec_arg_t arguments[4];
  int argument_count;
  size_t scratch_size;
  dnnl_memory_t scratch;
} operation;

/// Makes the primitive of a plan. On failure as on success, operation_destroy() cleans up.
dnnl_status_t operation_create(operation *it, const_dnnl_primitive_desc_t plan);

/// Makes the reordering of `from` to `to`, with its two arguments.
dnnl_status_t operation_create_reorder(operation *it, layout_ref from, layout_ref to);

/// Adds an argument: `address` may be DNNL_MEMORY_NONE, to be set later, or DNNL_MEMORY_ALLOCATE.
dnnl_status_t operation_add(operation *it, int argument, layout_ref layout, void *address);

/// Where the data of an argument added before is to be found from now on. Inputs are only read.
dnnl_status_t operation_set(operation *it, int argument, const void *address);

/// Where it is now; NULL for an unknown argument.
void *operation_get(const operation *it, int argument);

/// Runs the primitive and waits for it.
dnnl_status_t operation_run(operation *it);

void operation_destroy(operation *it);
