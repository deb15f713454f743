import {CODE_MAX, type Codebook, GROUP} from './codebook.js';
import type {Query} from './metric.js';

/** Bytes of a table. */
export const TABLE_BYTES = 16;
/** More than is lost of a cosine by float64, and by what is not quite rounded up. */
export const ROUNDING = 1e-6;
/** One less than a byte holds, because a sum of two products may be rounded past it. */
const ENTRY_MAX = 254;
/** A number that is cut off after this was added is rounded up. */
const ALMOST_ONE = 1 - 1e-9;

/**
 * Writes what the codes of rows add to their cosine with a query: an entry for each of the 16 values of
 * each half byte, in steps that are `GROUP` times finer than those of a sum, rounded up. The cosine of
 * what the codes of a row stand for is at most base + step · the sum of the averages of its groups.
 */
export function writeTables(
  tables: Uint8Array,
  {data, norm}: Query,
  {origins, steps}: Codebook,
): {readonly base: number; readonly step: number} {
  const {length} = data;
  // How much a code more adds.
  const slopes = new Float64Array(4 * Math.ceil(length / 4));
  let [base, most] = [0, 0];
  for (let i = 0; i < length; i++) {
    const value = data[i]! / norm;
    const slope = value * steps[i]!;
    slopes[i] = slope;
    base += value * origins[i]! + (slope < 0 ? CODE_MAX * slope : 0);
  }
  for (let i = 0; i < length; i += 4) {
    const last = Math.abs(slopes[i + 3]!);
    for (let j = 0; j < 3; j++) {
      most = Math.max(most, CODE_MAX * Math.abs(slopes[i + j]!) + (4 >> j) * last);
    }
  }
  const unit = most > 0 ? most / ENTRY_MAX : ROUNDING;
  for (let i = 0, at = 0; i < length; i += 4) {
    for (let j = 0; j < 3; j++, at += TABLE_BYTES) {
      const own = slopes[i + j]! / unit;
      const bit = ((4 >> j) * slopes[i + 3]!) / unit;
      // Beginning where the least entry is 0, which `base` has taken into account.
      let low = (own < 0 ? -CODE_MAX * own : 0) + (bit < 0 ? -bit : 0) + ALMOST_ONE;
      for (let code = 0; code <= CODE_MAX; code++, low += own) {
        tables[at + code] = low;
        tables[at + 8 + code] = low + bit;
      }
    }
  }
  return {base, step: GROUP * unit};
}
