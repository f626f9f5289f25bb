// What the kernels of the convolution family share; no entry points.
// x: image [N, height, width, channels], seen with zeros between its pixels so that they lie
// DILATION_H and DILATION_W apart, and around them. w: weight [kernel_height, kernel_width,
// channels, outputs]. y: [N, out_height, out_width, outputs].

#ifndef DILATION_H
#define DILATION_H 1
#endif
#ifndef DILATION_W
#define DILATION_W 1
#endif

// The order of ConvolutionGeometry.arguments.
#define CONVOLUTION_PARAMETERS                                                              \
  int height, int width, int channels, int kernel_height, int kernel_width, int out_height, \
      int out_width, int outputs, int stride_h, int stride_w, int padding_top, int padding_left

// Index of the pixel at `position` of an axis dilated by `dilation`, -1 where there is a zero.
static int source_index(int position, int dilation, int extent) {
  const int index = position / dilation;
  return position >= 0 && index < extent && index * dilation == position ? index : -1;
}
