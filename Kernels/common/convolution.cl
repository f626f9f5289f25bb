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

// Where `count` pixels lie in a row of the image, the first at `position` and `step` from one to the
// next: the offset of each, and a mask that is 0 where there is a zero and else all ones. Whether any
// is there.
static __attribute__((always_inline)) int place_pixels(int count, int position, int step, int width,
                                                       int channels, int *offsets, int *masks) {
  int any = 0;
  for (int i = 0; i < count; i++) {
    const int column = source_index(position + i * step, DILATION_W, width);
    offsets[i] = max(column, 0) * channels;
    masks[i] = column < 0 ? 0 : -1;
    any |= masks[i];
  }
  return any;
}
