import {assertArgument, LatentError} from '../errors.js';
import {countOf, createLatent, type Latent} from '../latent/latent.js';

// The generator, so that it can be written again elsewhere: number i of a sequence comes from word
// i mod 4 of philox(counter, key) with
//   counter = [⌊i / 4⌋, kind, stream mod 2³², ⌊stream / 2³²⌋], key = [seed mod 2³², ⌊seed / 2³²⌋].
// A uniform is (2·⌊word / 2⁹⌋ + 1) / 2²⁴, a normal inverseNormal((word + ½) / 2³²), rounded to
// float32. So the beginning of a sequence does not depend on its length.
const KIND = {normal: 0, uniform: 1, integer: 2} as const;
const TWO_32 = 2 ** 32;
const TWO_53 = 2 ** 53;

/**
 * `count` uniform numbers in the open interval (0, 1), the same on every platform; seed and stream
 * are integers 0..2⁵³ − 1, else `bad-argument`; streams of one seed are independent.
 */
export function randomUniform(seed: number, count: number, stream = 0): Float32Array {
  return fill(seed, count, stream, KIND.uniform, (word) => ((word >>> 9) + 0.5) / 2 ** 23);
}

/**
 * `count` standard normal numbers (within ±6.4), bit for bit the same on every platform; arguments
 * as `randomUniform`.
 */
export function randomNormal(seed: number, count: number, stream = 0): Float32Array {
  return fill(seed, count, stream, KIND.normal, (word) => inverseNormal((word + 0.5) / TWO_32));
}

/**
 * An integer from 0 to `below` − 1, each equally likely, the same on every platform; `below` is an
 * integer 1..2⁵³ − 1, else `bad-argument`; seed and stream as `randomUniform`.
 */
export function randomInteger(seed: number, below: number, stream = 0): number {
  assertInteger('below', below, 1);
  const block = blocks(seed, stream, KIND.integer);
  // Values past the last whole multiple of `below` would favour the small results: draw again.
  const limit = TWO_53 - (TWO_53 % below);
  for (let i = 0; ; i++) {
    const [low, high] = block(i);
    const value = (high >>> 11) * TWO_32 + low;
    if (value < limit) return value % below;
  }
}

/**
 * A latent of standard normal noise, the start of a diffusion or a sample of a Gaussian space; seed
 * and stream as `randomUniform`, space and shape as `createLatent`.
 */
export function noise<S extends string>(
  space: S,
  shape: readonly number[],
  seed: number,
  stream = 0,
): Latent<S> {
  assertArgument(Array.isArray(shape), 'shape', 'a list of positive integers', shape);
  const count = countOf(shape);
  return createLatent(space, shape, randomNormal(seed, count, stream));
}

function fill(
  seed: number,
  count: number,
  stream: number,
  kind: number,
  convert: (word: number) => number,
): Float32Array {
  assertInteger('count', count, 0);
  const block = blocks(seed, stream, kind);
  const data = new Float32Array(count);
  for (let i = 0; i < count; i += 4) {
    // A typed array ignores what is written past its end, which the last block may do.
    const words = block(i / 4);
    for (let j = 0; j < 4; j++) data[i + j] = convert(words[j]!);
  }
  return data;
}

function blocks(seed: number, stream: number, kind: number): (index: number) => Words {
  assertInteger('seed', seed, 0);
  assertInteger('stream', stream, 0);
  const [key0, key1] = split(seed);
  const [stream0, stream1] = split(stream);
  return (index) => philox([index, kind, stream0, stream1], key0, key1);
}

function split(value: number): [low: number, high: number] {
  return [value % TWO_32, Math.floor(value / TWO_32)];
}

function assertInteger(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new LatentError(
    'bad-argument',
    `${name} must be an integer from ${least} to 2^53 − 1, got ${String(value)}.`,
  );
}

/** Four unsigned 32-bit integers. */
export type Words = readonly [number, number, number, number];

// Multipliers and key increments of Philox4x32 (Salmon et al. 2011, "Parallel random numbers: as
// easy as 1, 2, 3", table 2).
const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;
const ROUNDS = 10;

/**
 * Philox4x32-10: four random words for a counter of four words under a key of two; a pure function,
 * so any part of a sequence can be computed alone.
 */
export function philox(counter: Words, key0: number, key1: number): Words {
  let [c0, c1, c2, c3] = counter;
  for (let round = 0; round < ROUNDS; round++) {
    const k0 = key0 + Math.imul(round, W0);
    const k1 = key1 + Math.imul(round, W1);
    const high0 = multiplyHigh(M0, c0);
    const high1 = multiplyHigh(M1, c2);
    const low0 = Math.imul(M0, c0);
    const low1 = Math.imul(M1, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
  }
  return [c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0];
}

// The product has up to 64 bits and a float64 holds 53, hence by halves.
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = aLow * bHigh + (middle & 0xffff);
  return aHigh * bHigh + (middle >>> 16) + (carry >>> 16);
}

// Wichura 1988, algorithm AS 241 (PPND16): numerators and denominators, highest power first, rounded
// to float64. Its third region (√−ln p > 5) is left out: p ≥ 2⁻³³ gives 4.8 at most.
const CENTRE = 0.425;
const CENTRE_SQUARED = 0.180625;
const CENTRE_TOP = [
  2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946,
  1971.5909503065513, 133.14166789178438, 3.3871328727963665,
] as const;
const CENTRE_BOTTOM = [
  5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751,
  687.1870074920579, 42.31333070160091, 1,
] as const;
const TAIL_SHIFT = 1.6;
const TAIL_TOP = [
  0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684,
  3.6478483247632045, 5.769497221460691, 4.630337846156546, 1.4234371107496835,
] as const;
const TAIL_BOTTOM = [
  1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008,
  0.6897673349851, 1.6763848301838038, 2.053191626637759, 1,
] as const;

const LN_2 = 0.6931471805599453;
const SQRT_HALF = 0.7071067811865476;
// 2/(2k + 1), k = 9 … 0: ln m = 2·artanh(s); s² ≤ 0.0295, so the next term is below 1e-17.
const ARTANH = [2 / 19, 2 / 17, 2 / 15, 2 / 13, 2 / 11, 2 / 9, 2 / 7, 2 / 5, 2 / 3, 2];

/**
 * The standard normal deviate below which a share `p` lies, 2⁻³³ ≤ p ≤ 1 − 2⁻³³, to about 1e-15
 * (Wichura 1988, AS 241); only + − × ÷ √, hence the same bits on every platform.
 */
export function inverseNormal(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= CENTRE) {
    const r = CENTRE_SQUARED - q * q;
    return (q * polynomial(CENTRE_TOP, r)) / polynomial(CENTRE_BOTTOM, r);
  }
  const r = Math.sqrt(-logarithm(q < 0 ? p : 1 - p)) - TAIL_SHIFT;
  const deviate = polynomial(TAIL_TOP, r) / polynomial(TAIL_BOTTOM, r);
  return q < 0 ? -deviate : deviate;
}

// Math.log differs between engines in the last bit, this does not.
function logarithm(x: number): number {
  let mantissa = x;
  let exponent = 0;
  while (mantissa < SQRT_HALF) {
    mantissa *= 2;
    exponent--;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  return exponent * LN_2 + s * polynomial(ARTANH, s * s);
}

function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (const coefficient of coefficients) sum = sum * x + coefficient;
  return sum;
}
