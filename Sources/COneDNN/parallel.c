#include "COneDNN.h"

#include <stdatomic.h>

// What a compiler emits for `#pragma omp parallel`, by libgomp's interface; calling it by hand
// needs no OpenMP of the compiler, which Swift's clang does not come with.
extern void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags);

typedef struct {
  int64_t units;
  void (*body)(void *context, int64_t unit);
  void *context;
  _Atomic int64_t next;
} shared_work;

static void take_units(void *data) {
  shared_work *work = data;
  for (;;) {
    const int64_t unit = atomic_fetch_add(&work->next, 1);
    if (unit >= work->units) return;
    work->body(work->context, unit);
  }
}

void tessera_dnn_parallel(int64_t units, void (*body)(void *context, int64_t unit), void *context) {
  shared_work work = {units, body, context, 0};
  if (units <= 1) {
    take_units(&work);
  } else {
    GOMP_parallel(take_units, &work, 0, 0);
  }
}
