#pragma once

// Inner loops of the CPU path: Winograd's convolution, Strassen's matrix product and attention that
// stores no scores, which oneDNN does not have, convolution to a few outputs and of single channels,
// sampling, and the loops over elements and rows that most time goes to. Single precision, each call on
// the calling thread alone.
//
// Each is compiled for several instruction sets (x86-64's levels 4 and 3 and the baseline), of
// which the best that the processor has is taken: a program built for any x86-64 uses AVX-512 where
// it is. The result is the same in every run on one processor; others may round differently.
//
// All arrays are dense and row-major. Nothing fails: the caller vouches for sizes and bounds.

#include <stddef.h>
#include <stdint.h>

// MARK: Products

/// The best instruction set for products that the processor has: 2 with AVX-512, 1 with AVX2, or 0.
int tessera_best_level(void);

/// What the others multiply with, here at any level up to the best: C = A B, or C += A B if `adds`.
///
/// A is `rows` × `depth` with rows `stride_a` apart, B panels [columns / 32][depth][32], C `rows` ×
/// `columns` with rows `stride_c` apart. `rows` is a multiple of 4, `columns` of 32.
void tessera_multiply_tiles(
    int level, const float *a, int64_t stride_a, const float *b, float *c, int64_t stride_c,
    int64_t rows, int64_t columns, int64_t depth, int adds);

// MARK: Winograd's convolution

/// Sizes of a convolution of images [N,H,W,C] to [N,P,Q,K], and of the tiles it is computed by.
/// C is a multiple of 16, K of 32.
///
/// Of 3×3 taps and stride 1, `in_phases` and `out_phases` are 1. By 4×4 taps, of stride 2 or of an
/// image dilated by 2, it is four by 2×2 taps, of every second pixel of the image (`in_phases` 2) or
/// to every second one of the output (`out_phases` 2) along either side: its phases.
typedef struct {
  int64_t batch, height, width, channels;
  int64_t out_height, out_width, out_channels;
  int in_phases, out_phases;
  /// Pixels of a tile along a side, of one phase: 6, or with 3×3 taps 8.
  int side;
  int64_t tiles_down, tiles_across;
  /// Pixels of the image that the first tile begins before it, and of the output.
  int64_t padding_top, padding_left, shift_top, shift_left;
} tessera_winograd_shape;

/// Floats that weights take once they are transformed: side² C K. Of 3×3 taps.
size_t tessera_winograd_weight_count(const tessera_winograd_shape *shape);

/// Transforms weights [3,3,C,K].
void tessera_winograd_pack(
    const tessera_winograd_shape *shape, const float *weights, float *transformed);

/// How many parts the output has, each computed without the others.
int64_t tessera_winograd_parts(const tessera_winograd_shape *shape);

/// Floats of scratch memory that a call of tessera_winograd_part() needs.
size_t tessera_winograd_scratch_count(const tessera_winograd_shape *shape);

/// Computes one part of `dst` from `src`, of 3×3 taps, by F(4×4, 3×3) or F(6×6, 3×3): 36 products
/// instead of 144 for every 16 pixels, or 64 instead of 324 for 36 (Lavin and Gray, "Fast Algorithms
/// for Convolutional Neural Networks", 2016). `scratch` is on a 64-byte boundary.
void tessera_winograd_part(
    const tessera_winograd_shape *shape, int64_t part, const float *src, const float *transformed,
    float *dst, float *scratch);

// The transformed tiles of a small image fit into the caches, and its weights, which are many, would
// be read but once: there the tiles are transformed first, and the weights panel by panel as they
// are needed, which takes no memory to keep. Of a large one, strip by strip.

/// Tiles that are computed together.
typedef struct {
  int64_t first, count;
} tessera_winograd_strip;

/// How many panels of 32 channels the output has, in all its phases.
int64_t tessera_winograd_panels(const tessera_winograd_shape *shape);

/// Floats that the values of a strip of so many tiles take.
size_t tessera_winograd_values_count(const tessera_winograd_shape *shape, int64_t tiles);

/// Transforms `count` tiles of a strip from its `first` on.
void tessera_winograd_values(
    const tessera_winograd_shape *shape, tessera_winograd_strip strip, int64_t first,
    int64_t count, const float *src, float *values);

/// Floats of scratch memory that a call of tessera_winograd_panel() needs.
size_t tessera_winograd_panel_scratch_count(const tessera_winograd_shape *shape, int64_t tiles);

/// Computes a strip of 32 channels of `dst`, of one phase, from the strip's values and from weights
/// [3,3,C,K] or [4,4,C,K] as they are. `scratch` is on a 64-byte boundary.
void tessera_winograd_panel(
    const tessera_winograd_shape *shape, tessera_winograd_strip strip, int64_t panel,
    const float *weights, const float *values, float *dst, float *scratch);

// MARK: Convolution to a few outputs

/// Sizes of a convolution of images [N,H,W,C] by [R,S,C,K] to [N,P,Q,K]. C is a multiple of 16, K at
/// most 4.
typedef struct {
  int64_t height, width, channels;
  int64_t kernel_height, kernel_width;
  int64_t out_height, out_width, outputs;
  int64_t stride_h, stride_w;
  int64_t padding_top, padding_left;
} tessera_few_outputs_shape;

/// Brings weights [R,S,C,K] into the form that is read: [R,S,C/16,K,16].
void tessera_few_outputs_pack(
    const tessera_few_outputs_shape *shape, const float *weights, float *taps);

/// Computes rows `first ..< end` of the N·P of `y`.
void tessera_few_outputs_rows(
    const tessera_few_outputs_shape *shape, const float *x, const float *taps, int64_t first,
    int64_t end, float *y);

// MARK: Depthwise convolution

/// Sizes of a convolution of every channel of images [N,H,W,C] by itself, by weights [R,S,C] to
/// [N,P,Q,C]. The pixels of the image are `dilation` apart, with zeros between them.
typedef struct {
  int64_t height, width, channels;
  int64_t kernel_height, kernel_width;
  int64_t out_height, out_width;
  int64_t stride_h, stride_w;
  int64_t dilation_h, dilation_w;
  int64_t padding_top, padding_left;
} tessera_depthwise_shape;

/// Computes rows `first ..< end` of the N·P of `y`.
void tessera_depthwise_rows(
    const tessera_depthwise_shape *shape, const float *x, const float *weights, int64_t first,
    int64_t end, float *y);

/// Sets `sums` [R,S,C], in channels `channel ..< channel + count`, to what rows `first ..< end` of the
/// N·P of the gradient `g` [N,P,Q,C] have in the gradient of the weights. Of images whose dilation is
/// 1.
void tessera_depthwise_grad_weights(
    const tessera_depthwise_shape *shape, const float *x, const float *g, int64_t first,
    int64_t end, int64_t channel, int64_t count, float *sums);

// MARK: Strassen's matrix product

/// A product C [rows,columns] = A [rows,depth] · B, computed by so many threads. B's element at step
/// k and column n is at k·step_k + n·step_n, and one of these is 1.
typedef struct {
  int64_t rows, columns, depth, step_k, step_n, threads;
  /// Whether to compute blocks of few rows and many columns where the sizes allow it.
  int wide_blocks;
} tessera_strassen_shape;

/// Whether wide blocks are the faster ones on this CPU.
int tessera_strassen_suits_wide_blocks(void);

/// Whether the sizes divide as the algorithm needs it.
int tessera_strassen_fits(const tessera_strassen_shape *shape);

/// How many parts the result has, each computed without the others. What is computed does not
/// depend on how it is cut into parts.
int64_t tessera_strassen_parts(const tessera_strassen_shape *shape);

/// Floats of scratch memory that a call of tessera_strassen_part() needs.
size_t tessera_strassen_scratch_count(const tessera_strassen_shape *shape);

/// Computes one part of `c` by seven products of quarters in place of eight (Strassen, "Gaussian
/// Elimination is not Optimal", 1969, in Winograd's form of 15 additions). Meanwhile B is fetched
/// for `next`, the part that the thread is likely to compute next, if there is one of that number.
/// `scratch` is on a 64-byte boundary.
void tessera_strassen_part(
    const tessera_strassen_shape *shape, int64_t part, int64_t next, const float *a,
    const float *b, float *c, float *scratch);

// MARK: attention

/// One attention: queries [B,T,H,D], keys and values [B,U,H,D], scores scale·q·k. Under `causal`
/// query t sees keys 0…t.
typedef struct {
  int64_t batch, queries, keys, heads, depth;
  float scale;
  int causal;
} tessera_attention_shape;

/// Inputs of the gradients, all of one attention: `gradient` is that of the output, `log_sum` and
/// `mean` are [B,T,H], log Σ eˢ and Σ p·(g·v) over the keys that a query sees.
typedef struct {
  const float *queries, *keys, *values, *gradient, *log_sum, *mean;
} tessera_attention_operands;

/// Rows that one call computes of the `rows` of one sample and head; the last call has the rest.
int64_t tessera_attention_block_rows(int64_t rows);

/// Floats of `scratch` that calls need, on a 64-byte boundary.
size_t tessera_attention_scratch_count(const tessera_attention_shape *shape);

/// Computes rows from `first` on, a block of them, of the output of `sample` and `head`:
/// softmax(scale·q·kᵀ)·v into `output` [B,T,H,D] unless it is NULL, and log Σ eˢ into `log_sum`
/// [B,T,H] unless that is.
void tessera_attention_forward(
    const tessera_attention_shape *shape, const tessera_attention_operands *operands,
    int64_t sample, int64_t head, int64_t first, float *output, float *log_sum, float *scratch);

/// Computes what the keys `first ..< end` of `sample` and `head`, whole blocks of them, have in the
/// gradients: their own into `grad_keys` and that of their values into `grad_values`, both
/// [B,U,H,D], and their part of that of the queries into `query_part`, of the count below.
void tessera_attention_grad(
    const tessera_attention_shape *shape, const tessera_attention_operands *operands,
    int64_t sample, int64_t head, int64_t first, int64_t end, float *grad_keys, float *grad_values,
    float *query_part, float *scratch);

/// Floats of a part of the queries' gradient.
int64_t tessera_attention_query_part_count(const tessera_attention_shape *shape);

/// The gradient with respect to the queries of `sample` and `head`, into `grad_queries` [B,T,H,D]:
/// the sum of `part_count` parts, one after the other. The first is overwritten.
void tessera_attention_grad_query(
    const tessera_attention_shape *shape, int64_t sample, int64_t head, float *query_parts,
    int64_t part_count, float *grad_queries);

// MARK: sampling

/// What sampling finds outside an image.
enum {
  tessera_sample_zeros = 0,
  tessera_sample_border = 1,
  tessera_sample_reflection = 2,
};

/// Images [N,H,W,3] sampled at points (x, y) in −1…1, `points_per_image` of each image one after the
/// other.
typedef struct {
  int64_t points_per_image, height, width;
  int padding, align_corners;
} tessera_sample_shape;

/// Reads the points `first ..< end` of `grid` between the pixels of `images`, bilinearly, into those
/// of `output`.
void tessera_grid_sample(
    const tessera_sample_shape *shape, const float *images, const float *grid, int64_t first,
    int64_t end, float *output);

/// The gradient with respect to rows `first_row ..< end_row` of an image, added up in the order of
/// the points.
void tessera_grid_sample_grad_input(
    const tessera_sample_shape *shape, const float *grid, const float *gradient, int64_t image,
    int64_t first_row, int64_t end_row, float *output);

// MARK: elements

/// Has memory brought to the caches, while the caller does something else.
void tessera_fetch(const void *start, int64_t byte_count);

// result[i] for `count` elements; an operand may be the result itself.
void tessera_add(const float *a, const float *b, float *result, int64_t count);
void tessera_subtract(const float *a, const float *b, float *result, int64_t count);
void tessera_multiply(const float *a, const float *b, float *result, int64_t count);

/// e^a, within 2 units in the last place.
void tessera_exponential(const float *a, float *result, int64_t count);

/// 1 / (1 + e^-a).
void tessera_sigmoid(const float *a, float *result, int64_t count);

/// (a − mean)·reciprocal.
void tessera_standardize(
    const float *a, const float *means, const float *reciprocals, float *result, int64_t count);

/// Normal numbers of mean 0 and deviation 1 (Box and Muller), each four of them of the four words
/// that Philox-4x32-10 makes of the counter (`first` and so on, `step`, `purpose`, 0) under `seed`.
void tessera_random_normal(
    uint64_t seed, uint32_t first, uint32_t step, uint32_t purpose, float *result, int64_t count);

// MARK: rows

/// For each of `width` columns of `count` rows, `stride` floats apart: Σ (x − x₀) and Σ (x − x₀)²
/// over all rows but the first, whose values are the x₀.
void tessera_sum_differences(
    const float *rows, int64_t stride, int64_t count, int64_t width, float *sums, float *squares);

/// For each of `width` columns: Σ g and Σ g·(x − mean) over `count` rows.
void tessera_sum_products(
    const float *gradients, const float *values, const float *means, int64_t stride,
    int64_t count, int64_t width, float *sums, float *products);

/// For each of `count` positions [count,depth] the index of the nearest of `codes`
/// [code_count,depth], by the sum of squared differences; the first of equally near ones.
void tessera_nearest_codes(
    const float *positions, int64_t count, const float *codes, int64_t code_count, int64_t depth,
    float *indices);
