// Where grid coordinates fall in an image; no entry points. Follows PyTorch's grid_sample.

#define PADDING_BORDER 1      // the nearest pixel of the edge
#define PADDING_REFLECTION 2  // the image mirrored at its edges; anything else reads zeros

// Position in pixels of `coordinate`, -1...1 from edge to edge of an axis of `size` pixels, and its
// derivative. What reads zeros is brought within two pixels of the image, where it still does.
static float sample_position(float coordinate, int size, int padding, int align_corners,
                             float *slope) {
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

#define RUN 16  // points that a CPU finds positions of together

// The positions of 16 coordinates, found in the same way.
static float16 sample_positions(float16 coordinate, int size, int padding, int align_corners) {
  const float extent = align_corners ? size - 1 : size;
  float16 position = ((coordinate + 1.0f) * extent - (align_corners ? 0.0f : 1.0f)) * 0.5f;
  if (padding == PADDING_REFLECTION) {
    if (extent == 0.0f) return 0.0f;
    const float low = align_corners ? 0.0f : -0.5f;
    const float16 distance = fabs(position - low);
    const float16 flips = floor(distance / extent);
    const float16 rest = distance - flips * extent;
    position = select(rest, extent - rest, flips != 2.0f * floor(flips * 0.5f)) + low;
  }
  if (padding == PADDING_REFLECTION || padding == PADDING_BORDER)
    return fmin(fmax(position, 0.0f), size - 1.0f);
  return fmin(fmax(position, -2.0f), size + 1.0f);
}

// Positions as the pixel before each and the way from there to the next, 0 up to 1.
static void split_positions(float16 positions, int *pixels, float *fractions) {
  vstore16(convert_int16(floor(positions)), 0, pixels);
  vstore16(positions - floor(positions), 0, fractions);
}
