import {segmentAt} from '../latent/path.js';

/**
 * The strength at which the latent at `t` of a path through `count` keyframes is repaired: strength ·
 * √(4s(1 − s)), all of it half-way between two keyframes and 0 at each of them, which so stays exact;
 * errors as `segmentAt`.
 */
export function repairStrength(count: number, t: number, strength: number): number {
  const {s} = segmentAt(count, t);
  return strength * Math.sqrt(4 * s * (1 - s));
}
