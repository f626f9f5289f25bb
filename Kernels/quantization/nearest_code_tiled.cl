// Nearest codebook row of every position within shares of the codebook, by squared distance, the
// first of equals: z [P, depth], codebook [K, depth], distances and indices [shares, P].
// nearest_code_combine.cl chooses between the shares.
// A work-group of 128 covers 32 positions and one share of codes, 64 at a time; each of its
// work-items 4 positions x 4 codes of those.

#include "common/groups.cl"

#define LOCAL 128
#define POSITIONS 32
#define CODES 64
#define CODE_LANES (CODES / 4)
#ifndef CHUNK
#define CHUNK 16  // depth staged in local memory at a time
#endif

__kernel __attribute__((reqd_work_group_size(LOCAL, 1, 1)))
void nearest_code_tiled(__global const float *restrict z, __global const float *restrict codebook,
                        __global float *restrict distances, __global int *restrict indices,
                        int positions, int codes, int share, int depth) {
  __local float zs[CHUNK * (POSITIONS + 4)] __attribute__((aligned(16)));
  __local float cs[CHUNK * (CODES + 4)] __attribute__((aligned(16)));
  __local float tile_best[POSITIONS * CODE_LANES];
  __local int tile_index[POSITIONS * CODE_LANES];
  const int id = get_local_id(0);
  const int first = FIRST_GROUP_ID(LOCAL) * POSITIONS;
  const int row = id / CODE_LANES * 4;
  const int lane = id % CODE_LANES;
  const int end = min(codes, (int)(get_group_id(1) + 1) * share);

  float best[4] = {INFINITY, INFINITY, INFINITY, INFINITY};
  int index[4] = {0, 0, 0, 0};
  for (int start = get_group_id(1) * share; start < end; start += CODES) {
    float4 sums[4] = {0.0f, 0.0f, 0.0f, 0.0f};
    for (int origin = 0; origin < depth; origin += CHUNK) {
      barrier(CLK_LOCAL_MEM_FENCE);
      for (int i = id; i < POSITIONS * CHUNK; i += LOCAL) {
        const int p = first + i / CHUNK;
        const int d = origin + i % CHUNK;
        zs[i % CHUNK * (POSITIONS + 4) + i / CHUNK] =
            p < positions && d < depth ? z[(size_t)p * depth + d] : 0.0f;
      }
      for (int i = id; i < CODES * CHUNK; i += LOCAL) {
        const int c = start + i / CHUNK;
        const int d = origin + i % CHUNK;
        cs[i % CHUNK * (CODES + 4) + i / CHUNK] =
            c < end && d < depth ? codebook[(size_t)c * depth + d] : 0.0f;
      }
      barrier(CLK_LOCAL_MEM_FENCE);
      for (int d = 0; d < CHUNK; d++) {
        const float4 x = *(__local const float4 *)(zs + d * (POSITIONS + 4) + row);
        const float4 y = *(__local const float4 *)(cs + d * (CODES + 4) + lane * 4);
        sums[0] += (x.x - y) * (x.x - y);
        sums[1] += (x.y - y) * (x.y - y);
        sums[2] += (x.z - y) * (x.z - y);
        sums[3] += (x.w - y) * (x.w - y);
      }
    }
    for (int i = 0; i < 4; i++) {
      const float candidates[4] = {sums[i].x, sums[i].y, sums[i].z, sums[i].w};
      for (int j = 0; j < 4; j++) {
        const int code = start + lane * 4 + j;
        if (code < end && candidates[j] < best[i]) {
          best[i] = candidates[j];
          index[i] = code;
        }
      }
    }
  }
  for (int i = 0; i < 4; i++) {
    tile_best[(row + i) * CODE_LANES + lane] = best[i];
    tile_index[(row + i) * CODE_LANES + lane] = index[i];
  }
  barrier(CLK_LOCAL_MEM_FENCE);
  if (id >= POSITIONS || first + id >= positions) return;
  float nearest = tile_best[id * CODE_LANES];
  int code = tile_index[id * CODE_LANES];
  for (int k = 1; k < CODE_LANES; k++) {
    const float distance = tile_best[id * CODE_LANES + k];
    const int other = tile_index[id * CODE_LANES + k];
    if (distance < nearest || (distance == nearest && other < code)) {
      nearest = distance;
      code = other;
    }
  }
  distances[(size_t)get_group_id(1) * positions + first + id] = nearest;
  indices[(size_t)get_group_id(1) * positions + first + id] = code;
}
