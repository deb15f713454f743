import type {MorphPlan, Pixels, PointPair} from './plan.js';

export interface PrepareMorphOptions {
  /** Points that the flow keeps; see `assertPairs` for what they must fulfil. */
  readonly pairs?: readonly PointPair[] | undefined;
}

/**
 * Prepares the morph from `a` to `b`, which have one size, in slices: each `next()` does a few
 * milliseconds of work and gives how much is done (0..1); the last gives the plan. Whoever drives it
 * stops by not going on. The same pictures and pairs give the same plan, bit for bit, everywhere.
 *
 * @example
 * const preparation = prepareMorph(a, b, {pairs});
 * let step = preparation.next();
 * while (!step.done) step = preparation.next();
 * const frame = composeFrame(step.value, a, b, 0.5);
 */
export function* prepareMorph(
  a: Pixels,
  b: Pixels,
  options: PrepareMorphOptions = {},
): Generator<number, MorphPlan, undefined> {
  yield 0;
  throw new Error(`Not there yet: ${a.width}, ${b.width}, ${options.pairs?.length}.`);
}
