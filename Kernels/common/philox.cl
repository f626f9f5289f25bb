// Philox-4x32-10 (Salmon et al., SC 2011): four random words of a counter under a key; no entry
// points. The same words as Philox.swift.

#define PHILOX_ROUNDS 10
#define PHILOX_FIRST 0xD2511F53u
#define PHILOX_SECOND 0xCD9E8D57u
#define PHILOX_KEY (uint2)(0x9E3779B9u, 0xBB67AE85u)

static uint4 philox(uint4 counter, uint2 key) {
  const uint2 factors = (uint2)(PHILOX_FIRST, PHILOX_SECOND);
  for (int round = 0; round < PHILOX_ROUNDS; round++) {
    const uint2 high = mul_hi(counter.xz, factors), low = counter.xz * factors;
    counter = (uint4)(high.y ^ counter.y ^ key.x, low.y, high.x ^ counter.w ^ key.y, low.x);
    key += PHILOX_KEY;
  }
  return counter;
}

// Sixteen counters at once, a vector for each of their words. The high words come of long products,
// as CPUs have no others.
static void philox16(uint16 counters[4], uint2 key) {
  for (int round = 0; round < PHILOX_ROUNDS; round++) {
    const ulong16 first = convert_ulong16(counters[0]) * (ulong)PHILOX_FIRST;
    const ulong16 second = convert_ulong16(counters[2]) * (ulong)PHILOX_SECOND;
    counters[0] = convert_uint16(second >> 32) ^ counters[1] ^ key.x;
    counters[1] = convert_uint16(second);
    counters[2] = convert_uint16(first >> 32) ^ counters[3] ^ key.y;
    counters[3] = convert_uint16(first);
    key += PHILOX_KEY;
  }
}

// The words as numbers in [0, 1), multiples of 2^-24.
static float4 unit_interval(uint4 words) { return convert_float4(words >> 8) * 0x1p-24f; }
static float16 unit_interval16(uint16 words) { return convert_float16(words >> 8) * 0x1p-24f; }
