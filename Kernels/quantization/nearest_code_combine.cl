// The nearest of the candidates of every share, the first of equals: distances and indices
// [shares, P], out [P]. One work-item a position.

__kernel void nearest_code_combine(__global const float *restrict distances,
                                   __global const int *restrict indices, __global int *restrict out,
                                   int positions, int shares) {
  const int p = get_global_id(0);
  if (p >= positions) return;
  float best = distances[p];
  int index = indices[p];
  for (int share = 1; share < shares; share++) {
    const size_t candidate = (size_t)share * positions + p;
    if (distances[candidate] < best) {
      best = distances[candidate];
      index = indices[candidate];
    }
  }
  out[p] = index;
}
