#include "CHostKernels.h"
#include "transpose.h"

// Vectors lie along the codes: 16 of them, with rows and columns exchanged, are compared with many
// positions, and no sum goes across a vector.

enum {
  lanes = 16,
  steps = 64,            // along the depth, of a block of 16 codes
  group = 8,             // positions whose sums are in registers
  most_positions = 64,   // a whole number of groups
};

/// block[k][c] is element `first` + k of code c; codes from `count` on repeat the first.
INLINE void take_block(
    const float *codes, int64_t count, int64_t depth, int64_t first, int64_t elements,
    float block[steps * lanes]) {
  const int64_t vectors = count == lanes ? elements / lanes * lanes : 0;
  for (int64_t k = 0; k < vectors; k += lanes) {
    transpose(codes + first + k, depth, block + k * lanes, lanes);
  }
  for (int64_t k = vectors; k < elements; k++) {
    for (int64_t c = 0; c < lanes; c++) {
      block[k * lanes + c] = codes[(c < count ? c : 0) * depth + first + k];
    }
  }
}

/// Indices of the nearest codes of at most `most_positions` positions.
FOR_ALL_LEVELS static void find_nearest(
    const float *positions, int64_t count, const float *codes, int64_t code_count, int64_t depth,
    float *indices) {
  vec16 least[most_positions], sums[most_positions];
  ivec16 nearest[most_positions];
  for (int64_t p = 0; p < count; p++) {
    least[p] = (vec16){0} + __builtin_inff();
    nearest[p] = (ivec16){0};
  }
  float block[steps * lanes];
  for (int64_t code = 0; code < code_count; code += lanes) {
    const int64_t rest = code_count - code, there = rest < lanes ? rest : lanes;
    memset(sums, 0, sizeof sums);
    for (int64_t first = 0; first < depth; first += steps) {
      const int64_t elements = depth - first < steps ? depth - first : steps;
      take_block(codes + code * depth, there, depth, first, elements, block);
      for (int64_t p = 0; p < count; p += group) {
        // The last group has the last position again.
        const float *rows[group];
        vec16 parts[group];
        _Pragma("unroll") for (int i = 0; i < group; i++) {
          rows[i] = positions + (p + i < count ? p + i : count - 1) * depth + first;
          parts[i] = sums[p + i];
        }
        for (int64_t k = 0; k < elements; k++) {
          const vec16 value = LOAD16(block + k * lanes);
          _Pragma("unroll") for (int i = 0; i < group; i++) {
            const vec16 difference = rows[i][k] - value;
            parts[i] += difference * difference;
          }
        }
        _Pragma("unroll") for (int i = 0; i < group; i++) sums[p + i] = parts[i];
      }
    }
    for (int64_t p = 0; p < count; p++) {
      const ivec16 is_nearer = sums[p] < least[p];
      least[p] = (vec16)((is_nearer & (ivec16)sums[p]) | (~is_nearer & (ivec16)least[p]));
      nearest[p] = (is_nearer & (int32_t)code) | (~is_nearer & nearest[p]);
    }
  }
  for (int64_t p = 0; p < count; p++) {
    float distance = __builtin_inff();
    int64_t index = 0;
    for (int lane = 0; lane < lanes; lane++) {
      const int64_t code = nearest[p][lane] + lane;
      // A lane that has no code repeats the first of its block, which lane 0 has.
      const int is_first = least[p][lane] == distance && code < index;
      if (code < code_count && (least[p][lane] < distance || is_first)) {
        distance = least[p][lane];
        index = code;
      }
    }
    indices[p] = (float)index;
  }
}

void tessera_nearest_codes(
    const float *positions, int64_t count, const float *codes, int64_t code_count, int64_t depth,
    float *indices) {
  for (int64_t p = 0; p < count; p += most_positions) {
    const int64_t left = count - p;
    find_nearest(
        positions + p * depth, left < most_positions ? left : most_positions, codes, code_count,
        depth, indices + p);
  }
}
