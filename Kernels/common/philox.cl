// Philox-4x32-10 (Salmon et al., SC 2011): four random words of a counter under a key; no entry
// points. The same words as Philox.swift.

uint4 philox(uint4 counter, uint2 key) {
  for (int round = 0; round < 10; round++) {
    const uint2 high = mul_hi(counter.xz, (uint2)(0xD2511F53u, 0xCD9E8D57u));
    const uint2 low = counter.xz * (uint2)(0xD2511F53u, 0xCD9E8D57u);
    counter = (uint4)(high.y ^ counter.y ^ key.x, low.y, high.x ^ counter.w ^ key.y, low.x);
    key += (uint2)(0x9E3779B9u, 0xBB67AE85u);
  }
  return counter;
}

// The words as numbers in [0, 1), multiples of 2^-24.
float4 unit_interval(uint4 words) { return convert_float4(words >> 8) * 0x1p-24f; }
