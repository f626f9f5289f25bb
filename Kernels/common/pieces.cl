// Work that a few work-items share out among themselves, piece after piece: one on a slower core, or
// one that other programs interrupt, takes fewer. No entry points.

// The number of a piece that no other work-item takes. `*next_piece` is 0 when the kernel begins
// (pieces_begin.cl).
static int take_piece(__global int *next_piece) { return atomic_inc(next_piece); }
