// As many multiply-adds as the device can do: out[i] = mean over CHAINS chains of a, where a starts
// at the chain's number and becomes a/2 + in[i], `rounds` times. It tends to 2·in[i].
// One work-item WIDTH elements. The chains do not depend on each other, so their latency is hidden;
// everything stays in registers.

#ifndef WIDTH
#define WIDTH 1  // elements of a vector: 1, 4, 8 or 16
#endif
#ifndef CHAINS
#define CHAINS 12  // accumulators: two pipelines of four cycles each need eight
#endif

#if WIDTH == 1
#define VALUES float
#define LOAD(p) (*(p))
#define STORE(v, p) (*(p) = (v))
#else
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define VALUES JOIN(float, WIDTH)
#define LOAD(p) JOIN(vload, WIDTH)(0, p)
#define STORE(v, p) JOIN(vstore, WIDTH)(v, 0, p)
#endif

// `count` is a multiple of WIDTH.
__kernel void peak_fma(__global const float *restrict in, __global float *restrict out, int count,
                       int rounds) {
  const int i = get_global_id(0) * WIDTH;
  if (i >= count) return;
  const VALUES x = LOAD(in + i);
  VALUES chains[CHAINS];
#pragma unroll
  for (int c = 0; c < CHAINS; c++) chains[c] = (VALUES)(c);
  for (int round = 0; round < rounds; round++) {
#pragma unroll
    for (int c = 0; c < CHAINS; c++) chains[c] = fma(chains[c], (VALUES)(0.5f), x);
  }
  VALUES sum = chains[0];
#pragma unroll
  for (int c = 1; c < CHAINS; c++) sum += chains[c];
  STORE(sum / CHAINS, out + i);
}
