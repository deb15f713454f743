const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

const INFINITY = 0x7c00;
const NOT_A_NUMBER = 0x7e00;
/** Magnitudes of binary32, as bits, from which on binary16 is infinite, or subnormal below. */
const OVERFLOW = 0x477ff000;
const SMALLEST_NORMAL = 0x38800000;
/** The difference of the exponents' biases, 127 − 15, in the place of binary32's exponent. */
const REBIAS = 112 << 23;
/** Bits of a binary32 mantissa that binary16 has no room for. */
const LOST_BITS = 13;

/** The value of 16 bits of IEEE 754 binary16 (`float16`). */
export function fromHalf(half: number): number {
  const magnitude = half & 0x7fff;
  const sign = half & 0x8000 ? -1 : 1;
  if (magnitude > INFINITY) return NaN;
  if (magnitude === INFINITY) return sign * Infinity;
  // Moved to the wider fields the exponent is 2⁻¹¹² off, which one exact product mends for subnormal
  // numbers too.
  bits[0] = magnitude << LOST_BITS;
  return sign * float[0]! * 2 ** 112;
}

/** The 16 bits of the nearest binary16, ties to even; infinite beyond ±65 504. */
export function toHalf(value: number): number {
  float[0] = value;
  const whole = bits[0]!;
  const sign = (whole >>> 16) & 0x8000;
  const magnitude = whole & 0x7fffffff;
  if (Number.isNaN(value)) return NOT_A_NUMBER;
  if (magnitude >= OVERFLOW) return sign | INFINITY;
  if (magnitude < SMALLEST_NORMAL) {
    // Beside ½ the last bit of binary32 is worth 2⁻²⁴, as that of a subnormal binary16 is.
    float[0] = Math.abs(value) + 0.5;
    return sign | (bits[0]! - 0x3f000000);
  }
  const even = (magnitude >>> LOST_BITS) & 1;
  return sign | ((magnitude - REBIAS + 0x0fff + even) >>> LOST_BITS);
}

/** Numbers as binary16. */
export function toHalves(values: Float32Array): Uint16Array<ArrayBuffer> {
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < halves.length; i++) halves[i] = toHalf(values[i]!);
  return halves;
}

/** Numbers out of binary16. */
export function fromHalves(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const values = new Float32Array(halves.length);
  for (let i = 0; i < values.length; i++) values[i] = fromHalf(halves[i]!);
  return values;
}
