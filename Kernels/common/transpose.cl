// Sixteen rows of sixteen values as columns; no entry points.

// rows[i] becomes (rows[0][i], rows[1][i], ...). Four times, the first half is interleaved with the
// second. Spelled by elements for Oclgrind 21.10.
static void transpose(float16 rows[16]) {
  for (int round = 0; round < 4; round++) {
    float16 next[16];
#pragma unroll
    for (int i = 0; i < 8; i++) {
      const float16 a = rows[i], b = rows[i + 8];
      next[2 * i] = (float16)(a.s0, b.s0, a.s1, b.s1, a.s2, b.s2, a.s3, b.s3, a.s4, b.s4, a.s5,
                              b.s5, a.s6, b.s6, a.s7, b.s7);
      next[2 * i + 1] = (float16)(a.s8, b.s8, a.s9, b.s9, a.sa, b.sa, a.sb, b.sb, a.sc, b.sc, a.sd,
                                  b.sd, a.se, b.se, a.sf, b.sf);
    }
#pragma unroll
    for (int i = 0; i < 16; i++) rows[i] = next[i];
  }
}
