// A copy: out[i] = in[i]. One work-item WIDTH elements; `count` is a multiple of WIDTH.

#ifndef WIDTH
#define WIDTH 4  // elements of a vector: 4, 8 or 16
#endif

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)

__kernel void peak_copy(__global const float *restrict in, __global float *restrict out,
                        int count) {
  const int i = get_global_id(0);
  if (i >= count / WIDTH) return;
  JOIN(vstore, WIDTH)(JOIN(vload, WIDTH)(i, in), i, out);
}
