// Where grid coordinates fall in an image; no entry points. Follows PyTorch's grid_sample.

#define PADDING_BORDER 1      // the nearest pixel of the edge
#define PADDING_REFLECTION 2  // the image mirrored at its edges; anything else reads zeros

// Position in pixels of `coordinate`, -1...1 from edge to edge of an axis of `size` pixels, and its
// derivative. What reads zeros is brought within two pixels of the image, where it still does.
float sample_position(float coordinate, int size, int padding, int align_corners, float *slope) {
  const float extent = align_corners ? size - 1 : size;
  float position = ((coordinate + 1.0f) * extent - (align_corners ? 0.0f : 1.0f)) * 0.5f;
  *slope = extent * 0.5f;
  if (padding == PADDING_REFLECTION) {
    if (extent == 0.0f) {
      *slope = 0.0f;
      return 0.0f;
    }
    const float low = align_corners ? 0.0f : -0.5f;
    const float distance = fabs(position - low);
    const float flips = floor(distance / extent);
    const float rest = distance - flips * extent;
    const bool odd = flips != 2.0f * floor(flips * 0.5f);
    if ((position < low) != odd) *slope = -*slope;
    position = (odd ? extent - rest : rest) + low;
  }
  if (padding == PADDING_REFLECTION || padding == PADDING_BORDER) {
    const float last = size - 1;
    if (!(position > 0.0f && position < last)) *slope = 0.0f;
    return fmin(fmax(position, 0.0f), last);
  }
  return fmin(fmax(position, -2.0f), size + 1.0f);
}
