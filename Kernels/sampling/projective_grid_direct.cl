// Even grid over -1...1 mapped by a matrix a sample: matrices [N,rows,3] with rows 2 (affine) or
// 3 (projective), out [points,2] (x, y), where each sample has height * width points.
// A work-item computes RUN points, which are part of one row.

#ifndef RUN
#define RUN 1
#endif

// Coordinate of pixel `index` of `count`: its centre, or its place between the outermost centres.
static float grid_coordinate(int index, int count, int align_corners) {
  if (align_corners) return count == 1 ? 0.0f : (float)(2 * index) / (count - 1) - 1.0f;
  return (float)(2 * index + 1) / count - 1.0f;
}

__kernel void projective_grid_direct(
    __global const float *restrict matrices, __global float *restrict out, int points, int height,
    int width, int rows, int align_corners) {
  const int first = get_global_id(0) * RUN;
  if (first >= points) return;
  const int column = first % width;
  const float y = grid_coordinate(first / width % height, height, align_corners);
  __global const float *m = matrices + first / (width * height) * rows * 3;
  for (int i = 0; i < RUN; i++) {
    const float x = grid_coordinate(column + i, width, align_corners);
    const float w = rows == 3 ? m[6] * x + m[7] * y + m[8] : 1.0f;
    out[2 * (first + i)] = (m[0] * x + m[1] * y + m[2]) / w;
    out[2 * (first + i) + 1] = (m[3] * x + m[4] * y + m[5]) / w;
  }
}
