// Search by its definition: every row in turn, in float64.
import {randomNormal, randomUniform} from '../../../src/core/random/noise.js';
import type {Metric} from '../../../src/core/search/metric.js';

/** `count` vectors around `centres` centres, normal noise of deviation `spread` around each. */
export function clustered(
  seed: number,
  count: number,
  dimension: number,
  {centres = 8, spread = 0.5} = {},
): Float32Array[] {
  const middles = randomNormal(seed, centres * dimension, 1);
  const noise = randomNormal(seed, count * dimension, 2);
  const choices = randomUniform(seed, count, 3);
  return Array.from({length: count}, (_, row) => {
    const centre = Math.floor(choices[row]! * centres) * dimension;
    return Float32Array.from(
      {length: dimension},
      (_, i) => middles[centre + i]! + spread * noise[row * dimension + i]!,
    );
  });
}

/** The score that the documentation promises. */
export function score(metric: Metric, a: Float32Array, b: Float32Array): number {
  let [dot, aa, bb, squares] = [0, 0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
    squares += (a[i]! - b[i]!) ** 2;
  }
  if (metric === 'dot') return dot;
  if (metric === 'euclidean') return -Math.sqrt(squares);
  return aa * bb === 0 ? 0 : dot / Math.sqrt(aa * bb);
}

/** The numbers of the `k` best rows, of equal ones the first. */
export function nearest(
  metric: Metric,
  query: Float32Array,
  rows: readonly Float32Array[],
  k: number,
): {row: number; score: number}[] {
  return rows
    .map((data, row) => ({row, score: score(metric, query, data)}))
    .sort((a, b) => b.score - a.score || a.row - b.row)
    .slice(0, k);
}
