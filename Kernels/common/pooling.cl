// Pooling windows; no entry points. The shape is known when a kernel is compiled, since its divisions
// by what is not known would take longer than all else.
// Window i covers floor(i * STEP / PARTS) up to ceil((i * STEP + SPAN) / PARTS) of an axis with its
// padding: strided windows have PARTS = 1, adaptive ones STEP = SPAN = the input's extent.

#ifndef HEIGHT
#define HEIGHT 4  // of the image [N, HEIGHT, WIDTH, CHANNELS]
#define WIDTH 4
#define CHANNELS 3
#define OUT_HEIGHT 2  // of its windows [N, OUT_HEIGHT, OUT_WIDTH, CHANNELS]
#define OUT_WIDTH 2
#define Y_STEP 2
#define Y_PARTS 1
#define Y_SPAN 2
#define X_STEP 2
#define X_PARTS 1
#define X_SPAN 2
#define PADDING 0
#endif

// Where element `index` of a batch of images, or of their windows, lies.
#define IMAGE_PLACE                                                                        \
  const int c = index % CHANNELS, x = index / CHANNELS % WIDTH;                            \
  const int y = index / (CHANNELS * WIDTH) % HEIGHT, n = index / (CHANNELS * WIDTH * HEIGHT);
#define WINDOW_PLACE                                                   \
  const int c = index % CHANNELS, j = index / CHANNELS % OUT_WIDTH;    \
  const int i = index / (CHANNELS * OUT_WIDTH) % OUT_HEIGHT;           \
  const int n = index / (CHANNELS * OUT_WIDTH * OUT_HEIGHT);

static int window_start(int i, int step, int parts) { return i * step / parts - PADDING; }

static int window_end(int i, int step, int parts, int span) {
  return (i * step + span + parts - 1) / parts - PADDING;
}

#define TOP(i) window_start(i, Y_STEP, Y_PARTS)
#define BOTTOM(i) window_end(i, Y_STEP, Y_PARTS, Y_SPAN)
#define LEFT(j) window_start(j, X_STEP, X_PARTS)
#define RIGHT(j) window_end(j, X_STEP, X_PARTS, X_SPAN)

// The first window that contains `pixel`.
static int first_window(int pixel, int step, int parts, int span) {
  const int beyond = (pixel + PADDING) * parts - span;
  return beyond < 0 ? 0 : beyond / step + 1;
}

// The last of `windows` windows that contains `pixel`.
static int last_window(int pixel, int step, int parts, int windows) {
  return min(((pixel + PADDING + 1) * parts - 1) / step, windows - 1);
}

// Those of a row or column of pixels.
#define FIRST_ROW(y) first_window(y, Y_STEP, Y_PARTS, Y_SPAN)
#define LAST_ROW(y) last_window(y, Y_STEP, Y_PARTS, OUT_HEIGHT)
#define FIRST_COLUMN(x) first_window(x, X_STEP, X_PARTS, X_SPAN)
#define LAST_COLUMN(x) last_window(x, X_STEP, X_PARTS, OUT_WIDTH)
