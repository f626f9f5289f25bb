// Sums that do not depend on the order of their terms: 64-bit fixed point in two 32-bit words, low
// then high, added to atomically; no entry points.

// Exponent that scales values up to `largest` to less than 2^bits.
static int fixed_point_exponent(float largest, int bits) {
  return largest > 0.0f ? bits - 1 - ilogb(largest) : 0;
}

// Adds value * 2^exponent, rounded to a whole number. Whoever makes the low word wrap carries.
static void fixed_point_add(volatile __global uint *words, float value, int exponent) {
  const long number = convert_long_rte(ldexp(value, exponent));
  const uint low = (uint)number;
  uint high = (uint)(number >> 32);
  if (low != 0 && atomic_add(words, low) + low < low) high++;
  if (high != 0) atomic_add(words + 1, high);
}

// The sum as a float.
static float fixed_point_value(__global const uint *words, int exponent) {
  const long number = (long)(((ulong)words[1] << 32) | words[0]);
  return ldexp(convert_float_rte(number), -exponent);
}
