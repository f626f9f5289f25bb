// Streaming softmax over the columns of attention_tile.cl's blocks; no entry points.
// LOCAL / ROWS work-items keep the same maximum and total of one row.

#define SHARE (LOCAL / ROWS)

// Replaces the scores of a tile, `weights` [COLS, ROWS], by e^(score - maximum), brings `maximum`
// and `total` of this work-item's row up to date, and leaves in `factors` [ROWS] what earlier sums
// of each row are to be scaled by. `shared` holds LOCAL floats. Starts and ends with a barrier.
static void tile_softmax(__local float *weights, __local float *shared, __local float *factors,
                         float *maximum, float *total) {
  const int id = get_local_id(0);
  const int row = id / SHARE;
  barrier(CLK_LOCAL_MEM_FENCE);
  float largest = -INFINITY;
  for (int c = id % SHARE; c < COLS; c += SHARE) largest = fmax(largest, weights[c * ROWS + row]);
  shared[id] = largest;
  barrier(CLK_LOCAL_MEM_FENCE);
  largest = *maximum;
  for (int k = 0; k < SHARE; k++) largest = fmax(largest, shared[row * SHARE + k]);
  float sum = 0.0f;
  for (int c = id % SHARE; c < COLS; c += SHARE) {
    const float weight = exp(weights[c * ROWS + row] - largest);
    weights[c * ROWS + row] = weight;
    sum += weight;
  }
  barrier(CLK_LOCAL_MEM_FENCE);
  shared[id] = sum;
  const float factor = exp(*maximum - largest);
  if (id % SHARE == 0) factors[row] = factor;
  barrier(CLK_LOCAL_MEM_FENCE);
  *total *= factor;
  for (int k = 0; k < SHARE; k++) *total += shared[row * SHARE + k];
  *maximum = largest;
}
