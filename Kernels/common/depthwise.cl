// What the kernels of depthwise convolution share; no entry points.
// w: weight [KERNEL_H, KERNEL_W, channels]; `outputs` is the number of channels.

#include "common/convolution.cl"
#include "common/vector.cl"

#ifndef KERNEL_H
#define KERNEL_H 3
#endif
#ifndef KERNEL_W
#define KERNEL_W 3
#endif
