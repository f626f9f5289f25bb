// Adds partial gradients [chunks, count] of a depthwise convolution's weight, in their order:
// out[i] = sum over k of in[k, i]. One work-item an element of out.

__kernel void depthwise_conv2d_grad_weight_combine(__global const float *restrict in,
                                                   __global float *restrict out, int count,
                                                   int chunks) {
  const int i = get_global_id(0);
  if (i >= count) return;
  float sum = 0.0f;
  for (int k = 0; k < chunks; k++) sum += in[(size_t)k * count + i];
  out[i] = sum;
}
