import {LatentError} from '../errors.js';
import {countOf, createLatent, type Latent} from '../latent/latent.js';
import {inverseNormal} from './normal.js';
import {philox, type Words} from './philox.js';

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
    `${name} must be an integer from ${least} to 2^53 − 1, got ${value}.`,
  );
}
