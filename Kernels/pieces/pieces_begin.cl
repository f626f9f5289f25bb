// Before a kernel whose work-items take pieces (common/pieces.cl): the first one is the next.
__kernel void pieces_begin(__global int *next_piece) { *next_piece = 0; }
