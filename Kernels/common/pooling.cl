// Pooling windows along one axis; no entry points.
// Window i covers floor(i * step / parts) up to ceil((i * step + span) / parts) of the axis with
// its padding: strided windows have parts = 1, adaptive ones step = span = the input's extent.

static int window_start(int i, int step, int parts, int padding) {
  return i * step / parts - padding;
}

static int window_end(int i, int step, int parts, int span, int padding) {
  return (i * step + span + parts - 1) / parts - padding;
}

// The first window that contains `pixel`.
static int first_window(int pixel, int step, int parts, int span, int padding) {
  const int beyond = (pixel + padding) * parts - span;
  return beyond < 0 ? 0 : beyond / step + 1;
}

// The last of `windows` windows that contains `pixel`.
static int last_window(int pixel, int step, int parts, int padding, int windows) {
  return min(((pixel + padding + 1) * parts - 1) / step, windows - 1);
}
