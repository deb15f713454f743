import {assertArgument, LatentError} from '../errors.js';
import {randomNormal} from '../random/noise.js';

/** Where on the torus around some noise, in radians; [0, 0] is that noise itself. */
export type Position = readonly [across: number, up: number];

/** A turn of the noise towards other noise. */
export interface Variation {
  /** Of the other noise: a whole number 0..2⁵³ − 1. */
  readonly seed: number;
  /** 0 (the same noise) … 1 (nothing left of it). */
  readonly amount: number;
  /** Where a walk had come to before. */
  readonly position?: Position;
}

/** Which noise an image is made from: plain data, enough to make it again anywhere. */
export interface NoisePlace {
  /** Whole number 0..2⁵³ − 1. */
  readonly seed: number;
  /** One after the other. */
  readonly variations?: readonly Variation[];
  /** Around what the variations give. */
  readonly position?: Position;
}

// Streams of a seed's random numbers, far from those that samplers draw fresh noise from.
const WALK_STREAM = 2 ** 40;
const VARIATION_STREAM = WALK_STREAM + 1;
/** Square of the sine below which two vectors of float32 span no plane. */
const PARALLEL = 1e-12;

/**
 * `count` numbers of the noise at a place. Whatever was varied and however far was walked, its length
 * stays that of the seed's own noise: networks know no other. `bad-argument` for what is no seed, an
 * amount outside 0..1, or a position that is not finite.
 */
export function noiseAt(place: NoisePlace, count: number): Float32Array {
  const isPlace = typeof place === 'object' && (place as unknown) !== null;
  assertArgument(isPlace, 'place', 'a place {seed, variations, position}', place);
  const {seed, variations = [], position} = place;
  assertArgument(Array.isArray(variations), 'variations', 'a list', variations);
  const around = walkNoise(seed, count);
  let noise = randomNormal(seed, count);
  for (const variation of variations) {
    assertAmount(variation.amount);
    const other = randomNormal(variation.seed, count, VARIATION_STREAM);
    if (variation.position) noise = walk(noise, around, variation.position);
    noise = turn(noise, other, (variation.amount * Math.PI) / 2);
  }
  return position ? walk(noise, around, position) : noise;
}

/** What walks around a seed's noise turn it towards. */
export function walkNoise(seed: number, count: number): Float32Array {
  return randomNormal(seed, count, WALK_STREAM);
}

/**
 * Noise turned by an angle in the plane that it spans with `other`, its length unchanged: the arc from
 * it, which at π/2 has come to what of `other` is perpendicular to it, and at 2π back.
 */
export function turn(noise: Float32Array, other: Float32Array, angle: number): Float32Array {
  return turnEach(noise, other, [angle]);
}

/**
 * Walks over a flat torus in noise space: every second number is turned towards `other` by the one
 * angle, the rest by the other. So both ways are alike everywhere, the same position is always the same
 * noise, 2π leads back, and the length stays (Clifford 1873).
 */
export function walk(noise: Float32Array, other: Float32Array, position: Position): Float32Array {
  if (!position.every(Number.isFinite)) {
    throw new LatentError(
      'bad-argument',
      `position must be two finite angles, got ${String(position)}.`,
    );
  }
  return turnEach(noise, other, position);
}

// Number i is turned by angle i mod n: each such part of the noise is turned by itself.
function turnEach(
  noise: Float32Array,
  other: Float32Array,
  angles: readonly number[],
): Float32Array {
  const turned = new Float32Array(noise.length);
  angles.forEach((angle, first) => {
    const stride = angles.length;
    let [square, product] = [0, 0];
    for (let i = first; i < noise.length; i += stride) {
      square += noise[i]! ** 2;
      product += noise[i]! * other[i]!;
    }
    const along = square === 0 ? 0 : product / square;
    let rest = 0;
    for (let i = first; i < noise.length; i += stride) rest += (other[i]! - along * noise[i]!) ** 2;
    // Where `other` is parallel, as one number alone always is, there is no plane to turn in.
    const isParallel = rest <= PARALLEL * square;
    const sine = isParallel ? 0 : Math.sin(angle) * Math.sqrt(square / rest);
    const cosine = isParallel ? 1 : Math.cos(angle) - sine * along;
    for (let i = first; i < noise.length; i += stride) {
      turned[i] = cosine * noise[i]! + sine * other[i]!;
    }
  });
  return turned;
}

/** Throws `bad-argument` unless an amount is a number from 0 to 1. */
export function assertAmount(amount: number): void {
  if (typeof amount === 'number' && amount >= 0 && amount <= 1) return;
  throw new LatentError(
    'bad-argument',
    `amount must be a number from 0 (the same image) to 1 (another one), got ${String(amount)}.`,
  );
}
