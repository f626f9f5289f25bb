#include "operation.h"

#include <oneapi/dnnl/dnnl_debug.h>
#include <pthread.h>

#include "COneDNN.h"

const char *tessera_dnn_status_name(int status) {
  return dnnl_status2str((dnnl_status_t)status);
}

int tessera_dnn_version(void) {
  const dnnl_version_t *version = dnnl_version();
  return version->major * 100 + version->minor;
}

// MARK: engine

static pthread_once_t once = PTHREAD_ONCE_INIT;
static dnnl_status_t start_status;
static dnn_runtime shared;
static pthread_key_t scratch_key;

/// Scratch memory of one thread.
typedef struct {
  void *address;
  size_t size;
} scratch_memory;

static void scratch_free(void *it) {
  free(((scratch_memory *)it)->address);
  free(it);
}

static dnnl_status_t start_checked(void) {
  if (pthread_key_create(&scratch_key, scratch_free) != 0) return dnnl_out_of_memory;
  TRY(dnnl_engine_create(&shared.engine, dnnl_cpu, 0));
  TRY(dnnl_stream_create(&shared.stream, shared.engine, dnnl_stream_default_flags));
  TRY(dnnl_primitive_attr_create(&shared.attributes));
  TRY(dnnl_primitive_attr_set_scratchpad_mode(shared.attributes, dnnl_scratchpad_mode_user));
  TRY(dnnl_primitive_attr_set_fpmath_mode(shared.attributes, dnnl_fpmath_mode_strict));
  return attributes_set_deterministic(shared.attributes);
}

static void start(void) { start_status = start_checked(); }

dnnl_status_t dnn_runtime_get(const dnn_runtime **runtime) {
  pthread_once(&once, start);
  *runtime = &shared;
  return start_status;
}

/// At least `size` bytes of the calling thread's own, on a cache line; NULL if there are none.
static void *scratch_of_thread(size_t size) {
  scratch_memory *mine = pthread_getspecific(scratch_key);
  if (!mine) {
    mine = calloc(1, sizeof *mine);
    if (!mine) return NULL;
    if (pthread_setspecific(scratch_key, mine) != 0) {
      free(mine);
      return NULL;
    }
  }
  if (mine->size < size) {
    size = (size + 63) / 64 * 64;
    free(mine->address);
    mine->address = aligned_alloc(64, size);
    mine->size = mine->address ? size : 0;
  }
  return mine->address;
}

// MARK: operations

dnnl_status_t operation_create(operation *it, const_dnnl_primitive_desc_t plan) {
  const dnn_runtime *runtime;
  TRY(dnn_runtime_get(&runtime));
  TRY(dnnl_primitive_create(&it->primitive, plan));
  layout_ref scratch = dnnl_primitive_desc_query_md(plan, dnnl_query_scratchpad_md, 0);
  it->scratch_size = scratch ? dnnl_memory_desc_get_size(scratch) : 0;
  if (it->scratch_size == 0) return dnnl_success;
  TRY(operation_add(it, DNNL_ARG_SCRATCHPAD, scratch, DNNL_MEMORY_NONE));
  it->scratch = it->arguments[it->argument_count - 1].memory;
  return dnnl_success;
}

dnnl_status_t operation_create_reorder(operation *it, layout_ref from, layout_ref to) {
  const dnn_runtime *runtime;
  TRY(dnn_runtime_get(&runtime));
  dnnl_primitive_desc_t plan;
  TRY(dnnl_reorder_primitive_desc_create(
      &plan, from, runtime->engine, to, runtime->engine, runtime->attributes));
  dnnl_status_t status = operation_create(it, plan);
  dnnl_primitive_desc_destroy(plan);
  TRY(status);
  TRY(operation_add(it, DNNL_ARG_FROM, from, DNNL_MEMORY_NONE));
  return operation_add(it, DNNL_ARG_TO, to, DNNL_MEMORY_NONE);
}

dnnl_status_t operation_add(operation *it, int argument, layout_ref layout, void *address) {
  const dnn_runtime *runtime;
  TRY(dnn_runtime_get(&runtime));
  dnnl_exec_arg_t *added = &it->arguments[it->argument_count];
  added->arg = argument;
  TRY(dnnl_memory_create(&added->memory, layout, runtime->engine, address));
  it->argument_count += 1;
  return dnnl_success;
}

static dnnl_memory_t operation_find(const operation *it, int argument) {
  for (int i = 0; i < it->argument_count; i++) {
    if (it->arguments[i].arg == argument) return it->arguments[i].memory;
  }
  return NULL;
}

dnnl_status_t operation_set(operation *it, int argument, const void *address) {
  return dnnl_memory_set_data_handle(operation_find(it, argument), (void *)address);
}

void *operation_get(const operation *it, int argument) {
  void *address = NULL;
  dnnl_memory_get_data_handle(operation_find(it, argument), &address);
  return address;
}

dnnl_status_t operation_run(operation *it) {
  const dnn_runtime *runtime;
  TRY(dnn_runtime_get(&runtime));
  if (it->scratch) {
    void *address = scratch_of_thread(it->scratch_size);
    if (!address) return dnnl_out_of_memory;
    TRY(dnnl_memory_set_data_handle(it->scratch, address));
  }
  TRY(dnnl_primitive_execute(it->primitive, runtime->stream, it->argument_count, it->arguments));
  return dnnl_stream_wait(runtime->stream);
}

void operation_destroy(operation *it) {
  for (int i = 0; i < it->argument_count; i++) dnnl_memory_destroy(it->arguments[i].memory);
  if (it->primitive) dnnl_primitive_destroy(it->primitive);
}
