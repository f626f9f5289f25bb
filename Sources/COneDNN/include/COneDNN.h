#pragma once

// Matrix multiplication and convolution on the CPU in single precision, by oneDNN 2.6 or later of
// the 2.x line, or 3.x. What the two lines name differently stays behind this interface.
//
// Layouts. Images are channels-last and dense, [N,H,W,C]; convolution weights are [R,S,C,K].
// Weights are packed into the layout that the chosen implementation likes best, in memory that the
// caller holds, so that those that stay the same need it once and not at all as they were;
// activations are read and written as they are.
//
// Status. Every function that can fail returns 0 on success and one of oneDNN's codes otherwise;
// tessera_dnn_status_name() puts it into a word.
//
// Threads. oneDNN runs each call on all threads of its pool and returns when it is done. Debian's
// build takes its pool from OpenMP (libgomp): OMP_NUM_THREADS sets its size and has to be set when
// the process starts; unset, it is the number of cores the process may run on. (A build
// on TBB or its own pool follows that library instead.) libgomp keeps one pool per calling thread,
// so callers should make all calls from one thread; its idle threads spin for a few milliseconds
// after each call, which OMP_WAIT_POLICY=passive stops. A handle is planned for the number of
// threads at its creation, which must not change afterwards.
//
// A handle may be used from any thread, by one at a time; different handles may run at the same
// time. The memory a call needs besides its operands belongs to the calling thread, grows to the
// largest need and goes with the thread.
//
// Determinism. With the same number of threads on the same processor, the same call on the same
// bytes gives the same bytes. Reduced-precision arithmetic is off, whatever the environment says.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// oneDNN's word for a status ("success", "unimplemented"). Never NULL.
const char *tessera_dnn_status_name(int status);

/// Version of the oneDNN library in use, as major * 100 + minor: 206 is 2.6.
int tessera_dnn_version(void);

/// Layout of packed weights: layouts of equal values are equal, and weights packed in one of them
/// serve every handle that has an equal one. `count` is 0 for a layout that cannot be told.
typedef struct {
  int64_t count;
  int64_t values[64];
} tessera_dnn_layout;

/// Sizes of a convolution of an image [N,H,W,C] with weights [R,S,C,K] to an image [N,P,Q,K], where
/// P = (H + padding_top + padding_bottom - R) / stride_height + 1, rounded down; Q accordingly.
typedef struct {
  int64_t batch, height, width, channels;
  int64_t kernel_height, kernel_width, output_channels;
  int64_t stride_height, stride_width;
  int64_t padding_top, padding_left, padding_bottom, padding_right;
} tessera_dnn_convolution_shape;

typedef struct tessera_dnn_convolution tessera_dnn_convolution;

/// Plans a convolution. Sizes and strides must be positive, padding not negative, and the output
/// not empty. `*handle` is NULL on failure.
int tessera_dnn_convolution_create(
    const tessera_dnn_convolution_shape *shape, tessera_dnn_convolution **handle);

/// Bytes that packed weights take.
size_t tessera_dnn_convolution_packed_size(const tessera_dnn_convolution *handle);

/// Layout of packed weights.
tessera_dnn_layout tessera_dnn_convolution_packed_layout(const tessera_dnn_convolution *handle);

/// Packs the weights [R,S,C,K] for any number of executions.
int tessera_dnn_convolution_pack_weights(
    tessera_dnn_convolution *handle, const float *weights, float *packed);

/// Computes `dst` [N,P,Q,K] from `src` [N,H,W,C] and packed weights; "invalid_arguments" if these
/// are NULL. 2 N P Q K R S C floating-point operations.
int tessera_dnn_convolution_execute(
    tessera_dnn_convolution *handle, const float *src, const float *packed, float *dst);

/// Frees the handle; NULL is allowed.
void tessera_dnn_convolution_destroy(tessera_dnn_convolution *handle);

typedef struct tessera_dnn_convolution_grad_weights tessera_dnn_convolution_grad_weights;

/// Plans the gradient of a convolution of this shape with respect to its weights.
int tessera_dnn_convolution_grad_weights_create(
    const tessera_dnn_convolution_shape *shape, tessera_dnn_convolution_grad_weights **handle);

/// Computes `diff_weights` [R,S,C,K] from the convolution's `src` [N,H,W,C] and the gradient of its
/// output, `diff_dst` [N,P,Q,K]. As many operations as the convolution.
int tessera_dnn_convolution_grad_weights_execute(
    tessera_dnn_convolution_grad_weights *handle, const float *src, const float *diff_dst,
    float *diff_weights);

void tessera_dnn_convolution_grad_weights_destroy(tessera_dnn_convolution_grad_weights *handle);

/// Sizes of a product C = A B of dense, row-major matrices A [batch_a,M,K], B [batch_b,K,N] and
/// C [max(batch_a, batch_b),M,N].
typedef struct {
  /// Equal, or one of them 1: that operand then serves the whole batch of the other.
  int64_t batch_a, batch_b;
  int64_t m, n, k;
  /// A is stored as [batch_a,K,M].
  bool transpose_a;
  /// B is stored as [batch_b,N,K].
  bool transpose_b;
  /// B is packed before it is passed to executions.
  bool constant_b;
} tessera_dnn_matmul_shape;

typedef struct tessera_dnn_matmul tessera_dnn_matmul;

/// Plans a product. Sizes must be positive. `*handle` is NULL on failure.
int tessera_dnn_matmul_create(const tessera_dnn_matmul_shape *shape, tessera_dnn_matmul **handle);

/// Bytes that a packed B takes; 0 for a shape without `constant_b`.
size_t tessera_dnn_matmul_packed_size(const tessera_dnn_matmul *handle);

/// Layout of a packed B; of `count` 0 for a shape without `constant_b`.
tessera_dnn_layout tessera_dnn_matmul_packed_layout(const tessera_dnn_matmul *handle);

/// Packs B, stored as the shape says, for any number of executions; "invalid_arguments" for a shape
/// without `constant_b`.
int tessera_dnn_matmul_pack_b(tessera_dnn_matmul *handle, const float *b, float *packed);

/// Computes `c` from `a` and `b`, which is packed with `constant_b` and stored as the shape says
/// without. 2 max(batch) M N K operations.
int tessera_dnn_matmul_execute(
    tessera_dnn_matmul *handle, const float *a, const float *b, float *c);

/// Frees the handle; NULL is allowed.
void tessera_dnn_matmul_destroy(tessera_dnn_matmul *handle);

/// Work shared out over the threads that oneDNN's OpenMP build computes with, so that the two never
/// compete for the cores: a second pool would find them taken by the first one's spinning threads.
///
/// Calls `body(context, unit)` for every unit below `units`, several at a time in no fixed order,
/// and returns when all are done. Not to be called from `body`.
void tessera_dnn_parallel(int64_t units, void (*body)(void *context, int64_t unit), void *context);
