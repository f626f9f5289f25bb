// Reductions over a work-group of LOCAL work-items (a power of two); no entry points.

#ifndef LOCAL
#define LOCAL 1  // work-group size
#endif

// Sum of `value` over the work-group, for every work-item. `shared` holds LOCAL floats.
// The tree is fixed, so the rounding is too.
static float group_sum(float value, __local float *shared) {
  const int id = get_local_id(0);
  if (LOCAL == 1) return value;
  barrier(CLK_LOCAL_MEM_FENCE);
  shared[id] = value;
  for (int half_size = LOCAL / 2; half_size > 0; half_size /= 2) {
    barrier(CLK_LOCAL_MEM_FENCE);
    if (id < half_size) shared[id] += shared[id + half_size];
  }
  barrier(CLK_LOCAL_MEM_FENCE);
  return shared[0];
}

// Largest `value` over the work-group, for every work-item.
static float group_max(float value, __local float *shared) {
  const int id = get_local_id(0);
  if (LOCAL == 1) return value;
  barrier(CLK_LOCAL_MEM_FENCE);
  shared[id] = value;
  for (int half_size = LOCAL / 2; half_size > 0; half_size /= 2) {
    barrier(CLK_LOCAL_MEM_FENCE);
    if (id < half_size) shared[id] = fmax(shared[id], shared[id + half_size]);
  }
  barrier(CLK_LOCAL_MEM_FENCE);
  return shared[0];
}
