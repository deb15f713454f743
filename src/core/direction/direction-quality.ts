import type {DirectionQuality} from './direction.js';
import {randomUniform} from '../random/noise.js';

/** Up to this many examples every labelling is tried, of more a sample. */
const EXHAUSTIVE = 10;
const RELABELLINGS = 199;
/** Pairs to judge in all relabellings together: what many examples show needs no long proof. */
const MAX_PAIRS = 2e6;
/** Differences below this are ties; labels are ±1. */
const TIE = 1e-12;
/** Where the examples leave no spread, the effect would be infinite. */
const MAX_EFFECT = 99;

// A clear direction may be wrong on one pair in seven; random labels look clear once in ten times
// with three examples a side, and hardly ever with eight.
const CLEAR = {separation: 0.85, chance: 0.1} as const;
const WEAK = {separation: 0.65, chance: 0.2} as const;

/**
 * Judges a probe by examples that it did not see. `residual` is the matrix M of the ridge probe that
 * maps labels to its residuals, up to scale (see `fitDirection`): leaving out a pair H, the
 * prediction errs by M_HH⁻¹·(M·y)_H, exactly as if it were fitted again without the pair. Pairs, not
 * single examples, because single ones bias small samples (Airola et al. 2011).
 */
export function judge(residual: readonly Float64Array[], positives: number): DirectionQuality {
  const count = residual.length;
  const labels = Int8Array.from({length: count}, (_, i) => (i < positives ? 1 : -1));
  const {separation, effect} = leavePairsOut(residual, labels);
  let asGood = 0;
  let tried = 0;
  for (const other of relabellings(labels, positives)) {
    tried++;
    if (leavePairsOut(residual, other).separation >= separation - TIE) asGood++;
  }
  const chance = asGood / tried;
  return {separation, effect, chance, verdict: verdictOf(separation, chance)};
}

/** Area under the ROC curve and effect size over all pairs, each judged without its two examples. */
export function leavePairsOut(
  residual: readonly Float64Array[],
  labels: Int8Array,
): Pick<DirectionQuality, 'separation' | 'effect'> {
  const errors = residual.map((row) => weigh(row, labels));
  const count = labels.length;
  let [right, sum, squares, pairs] = [0, 0, 0, 0];
  for (let p = 0; p < count; p++) {
    if (labels[p]! < 0) continue;
    const row = residual[p]!;
    for (let n = 0; n < count; n++) {
      if (labels[n]! > 0) continue;
      const [pp, nn, pn] = [row[p]!, residual[n]![n]!, row[n]!];
      // e_p − e_n of the 2×2 system M_HH·e = (M·y)_H; the labels themselves are 2 apart.
      const gap = 2 - ((nn + pn) * errors[p]! - (pp + pn) * errors[n]!) / (pp * nn - pn * pn);
      right += gap > TIE ? 1 : gap < -TIE ? 0 : 0.5;
      sum += gap;
      squares += gap * gap;
      pairs++;
    }
  }
  const mean = sum / pairs;
  const deviation = Math.sqrt(Math.max(0, squares / pairs - mean * mean));
  // The difference of two examples varies √2 times as much as each.
  const effect = mean === 0 ? 0 : (Math.SQRT2 * mean) / deviation;
  return {
    separation: right / pairs,
    effect: Math.max(-MAX_EFFECT, Math.min(MAX_EFFECT, effect)),
  };
}

function weigh(row: Float64Array, labels: Int8Array): number {
  let sum = 0;
  for (let i = 0; i < row.length; i++) sum += row[i]! * labels[i]!;
  return sum;
}

function* relabellings(labels: Int8Array, positives: number): Generator<Int8Array> {
  const count = labels.length;
  if (count <= EXHAUSTIVE) {
    for (let bits = 0; bits < 2 ** count; bits++) {
      const other = labels.map((_, i) => ((bits >> i) & 1 ? 1 : -1));
      if (other.filter((label) => label > 0).length === positives) yield other;
    }
    return;
  }
  yield labels;
  const pairs = positives * (count - positives);
  const tries = Math.min(RELABELLINGS, Math.max(19, Math.floor(MAX_PAIRS / pairs)));
  for (let i = 0; i < tries; i++) yield shuffled(labels, i);
}

// Fisher and Yates, by the library's own generator: the same verdict everywhere, every time.
function shuffled(labels: Int8Array, seed: number): Int8Array {
  const other = labels.slice();
  const random = randomUniform(seed, labels.length);
  for (let i = other.length - 1; i > 0; i--) {
    const j = Math.floor(random[i]! * (i + 1));
    [other[i], other[j]] = [other[j]!, other[i]!];
  }
  return other;
}

function verdictOf(separation: number, chance: number): DirectionQuality['verdict'] {
  if (separation >= CLEAR.separation && chance <= CLEAR.chance) return 'clear';
  return separation >= WEAK.separation && chance <= WEAK.chance ? 'weak' : 'none';
}
