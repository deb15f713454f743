import {assertArgument, assertFinite, LatentError} from '../errors.js';
import {assertLatent, assertLatents, assertSameSpace, type Latent} from './latent.js';

// Everything is computed in float64 and stored once as float32. Plain indexed loops, because lerp
// runs on tens of thousands of numbers in every frame of a drag.

/**
 * 1 − |cos Ω| below which slerp is not worth dividing by sin Ω: between nearly parallel vectors it
 * then differs from lerp by less than float32 can hold.
 */
const PARALLEL = 1e-7;

/**
 * The straight line (1 − t)·a + t·b; exactly `a` at 0 and `b` at 1, extrapolating outside 0..1;
 * `bad-argument` when `t` is not finite, `space-mismatch` when the spaces differ.
 */
export function lerp<S extends string>(a: Latent<S>, b: Latent<NoInfer<S>>, t: number): Latent<S> {
  assertFinite('t', t);
  assertPair(a, b);
  // Copied at the ends, where 0·b would turn a −0 of the other into 0.
  if (t === 0) return withData(a, a.data.slice());
  if (t === 1) return withData(a, b.data.slice());
  return mix(a, b, 1 - t, t);
}

/**
 * The arc from `a` to `b` around the origin, on the whole vector (Shoemake 1985); ends, range of
 * `t` and errors as `lerp`. Parallel, opposite and zero vectors span no arc and take the straight
 * line (between opposite ones it passes through zero).
 */
export function slerp<S extends string>(a: Latent<S>, b: Latent<NoInfer<S>>, t: number): Latent<S> {
  assertFinite('t', t);
  assertPair(a, b);
  const norms = norm(a) * norm(b);
  const cosine = norms === 0 ? 1 : dot(a, b) / norms;
  if (1 - Math.abs(cosine) < PARALLEL || t === 0 || t === 1) return lerp(a, b, t);
  const angle = Math.acos(cosine);
  const sine = Math.sin(angle);
  return mix(a, b, Math.sin((1 - t) * angle) / sine, Math.sin(t * angle) / sine);
}

/** The sum a + b; `space-mismatch` when the spaces differ. */
export function add<S extends string>(a: Latent<S>, b: Latent<NoInfer<S>>): Latent<S> {
  assertPair(a, b);
  return mix(a, b, 1, 1);
}

/** The difference a − b; `space-mismatch` when the spaces differ. */
export function subtract<S extends string>(a: Latent<S>, b: Latent<NoInfer<S>>): Latent<S> {
  assertPair(a, b);
  return mix(a, b, 1, -1);
}

/** The latent times `k`; `bad-argument` when `k` is not finite. */
export function scale<S extends string>(latent: Latent<S>, k: number): Latent<S> {
  assertLatent('latent', latent);
  assertFinite('k', k);
  return withData(
    latent,
    latent.data.map((value) => k * value),
  );
}

/**
 * The weighted mean Σ wᵢ·xᵢ / Σ wᵢ (all weights 1 by default, negative ones allowed);
 * `bad-argument` without latents, for a wrong count of weights, or weights that sum to zero.
 */
export function average<S extends string>(
  latents: readonly Latent<S>[],
  weights: readonly number[] = Array.isArray(latents) ? latents.map(() => 1) : [],
): Latent<S> {
  assertLatents('latents', latents);
  assertArgument(Array.isArray(weights), 'weights', 'a list of numbers', weights);
  const [first] = latents;
  if (!first) throw new LatentError('bad-argument', 'average needs at least one latent, got none.');
  assertSameSpace(...latents);
  if (weights.length !== latents.length) {
    throw new LatentError(
      'bad-argument',
      `average got ${latents.length} latents but ${weights.length} weights.`,
    );
  }
  weights.forEach((weight, i) => {
    assertFinite(`weights[${i}]`, weight);
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) {
    throw new LatentError('bad-argument', `The weights [${weights.join(', ')}] sum to zero.`);
  }
  const sum = new Float64Array(first.data.length);
  latents.forEach(({data}, j) => {
    const weight = weights[j]!;
    for (let i = 0; i < sum.length; i++) sum[i]! += weight * data[i]!;
  });
  for (let i = 0; i < sum.length; i++) sum[i]! /= total;
  return withData(first, new Float32Array(sum));
}

/** The Euclidean distance ‖a − b‖, ≥ 0; `space-mismatch` when the spaces differ. */
export function distance<S extends string>(a: Latent<S>, b: Latent<NoInfer<S>>): number {
  assertPair(a, b);
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) {
    const difference = a.data[i]! - b.data[i]!;
    sum += difference * difference;
  }
  return Math.sqrt(sum);
}

/** The cosine of the angle between two latents, −1..1; 0 when either is the zero vector. */
export function cosineSimilarity<S extends string>(a: Latent<S>, b: Latent<NoInfer<S>>): number {
  assertPair(a, b);
  const norms = norm(a) * norm(b);
  // Rounding can carry the quotient past 1.
  return norms === 0 ? 0 : Math.max(-1, Math.min(1, dot(a, b) / norms));
}

function assertPair(a: Latent, b: Latent): void {
  assertLatent('a', a);
  assertLatent('b', b);
  assertSameSpace(a, b);
}

function mix<S extends string>(a: Latent<S>, b: Latent, left: number, right: number): Latent<S> {
  const data = new Float32Array(a.data.length);
  for (let i = 0; i < data.length; i++) data[i] = left * a.data[i]! + right * b.data[i]!;
  return withData(a, data);
}

function withData<S extends string>({space, shape}: Latent<S>, data: Float32Array): Latent<S> {
  return {space, shape, data};
}

function dot(a: Latent, b: Latent): number {
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += a.data[i]! * b.data[i]!;
  return sum;
}

function norm(latent: Latent): number {
  return Math.sqrt(dot(latent, latent));
}
