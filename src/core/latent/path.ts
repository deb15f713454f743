import {lerp, slerp} from './arithmetic.js';
import {LatentError} from '../errors.js';
import {assertLatents, assertSameSpace, type Latent} from './latent.js';

/** How to go from one keyframe to the next: the straight line, or the arc around the origin. */
export type Interpolation = 'lerp' | 'slerp';

/** A place between two neighbouring keyframes. */
export interface Segment {
  /** The keyframe on the left, 0..count − 2. */
  readonly index: number;
  /** How far towards the keyframe on the right, 0..1. */
  readonly s: number;
}

// k/(n − 1)·(n − 1) can miss k by an ulp, and a path must be exact at its keyframes.
const SNAP = 1e-9;

/**
 * The segment of `count` evenly spaced keyframes that holds `t` (0..1, clamped); `bad-argument`
 * when `t` is NaN or `count` is not an integer ≥ 2.
 */
export function segmentAt(count: number, t: number): Segment {
  if (!Number.isSafeInteger(count) || count < 2) {
    throw new LatentError('bad-argument', `A path needs two or more keyframes, got ${count}.`);
  }
  if (typeof t !== 'number' || Number.isNaN(t)) {
    throw new LatentError('bad-argument', `t must be a number from 0 to 1, got ${String(t)}.`);
  }
  const exact = Math.min(1, Math.max(0, t)) * (count - 1);
  const nearest = Math.round(exact);
  const position = Math.abs(exact - nearest) < SNAP ? nearest : exact;
  const index = Math.min(Math.floor(position), count - 2);
  return {index, s: position - index};
}

/**
 * The latent at `t` (0..1, clamped) on a path through two or more evenly spaced keyframes, exact at
 * each; `bad-argument` for fewer or for NaN, `space-mismatch` when the keyframes' spaces differ.
 */
export function pathAt<S extends string>(
  keyframes: readonly Latent<S>[],
  t: number,
  interpolation: Interpolation = 'lerp',
): Latent<S> {
  assertLatents('keyframes', keyframes);
  const {index, s} = segmentAt(keyframes.length, t);
  assertSameSpace(...keyframes);
  const step = interpolation === 'slerp' ? slerp : lerp;
  return step(keyframes[index]!, keyframes[index + 1]!, s);
}

/**
 * For each keyframe, how much of what the model could not reconstruct of it (source − decode) is
 * added to the frame at `t`: 1 at the keyframe, fading as (1 − s)² to 0 at its neighbours; errors
 * as `segmentAt`. Squared, so that the middle, where both fade, is hardly ghosted.
 */
export function residualWeights(count: number, t: number): number[] {
  const {index, s} = segmentAt(count, t);
  const weights = new Array<number>(count).fill(0);
  weights[index] = (1 - s) ** 2;
  weights[index + 1] = s ** 2;
  return weights;
}

/**
 * The strength at which the latent at `t` of a path through `count` keyframes is repaired: strength ·
 * √(4s(1 − s)), all of it half-way between two keyframes and 0 at each of them, which so stays exact;
 * errors as `segmentAt`.
 */
export function repairStrength(count: number, t: number, strength: number): number {
  const {s} = segmentAt(count, t);
  return strength * Math.sqrt(4 * s * (1 - s));
}
