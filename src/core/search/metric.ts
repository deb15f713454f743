import {LatentError} from '../errors.js';

/**
 * How two vectors are compared; a higher score is always nearer: `cosine` (−1..1, 0 for a zero
 * vector), `dot`, or `euclidean` (the negative distance, ≤ 0, as Sentence Transformers has it).
 */
export type Metric = 'cosine' | 'dot' | 'euclidean';

/** Every metric by name. */
export const METRICS: readonly Metric[] = ['cosine', 'dot', 'euclidean'];

/** Throws `bad-argument` for anything but a metric's name. */
export function assertMetric(metric: string): asserts metric is Metric {
  if ((METRICS as readonly string[]).includes(metric)) return;
  throw new LatentError(
    'bad-argument',
    `There is no metric '${metric}'. Use one of ${METRICS.join(', ')}.`,
  );
}

/** A query made ready to be scored against rows. */
export interface Query {
  readonly metric: Metric;
  readonly data: Float32Array;
  /** Its Euclidean norm. */
  readonly norm: number;
}

/** The query of some numbers under a metric. */
export function createQuery(metric: Metric, data: Float32Array): Query {
  return {metric, data, norm: norm(data, 0, data.length)};
}

/**
 * The score of the row of `rows` that begins at number `offset` and has the norm `rowNorm`: computed
 * in float64 by one order of additions, so that equal vectors have equal scores on every machine.
 */
export function scoreRow(
  {metric, data, norm: queryNorm}: Query,
  rows: Float32Array,
  offset: number,
  rowNorm: number,
): number {
  switch (metric) {
    case 'dot':
      return dot(data, rows, offset);
    case 'euclidean':
      return -Math.sqrt(squaredDistance(data, rows, offset));
    case 'cosine': {
      const norms = queryNorm * rowNorm;
      if (norms === 0) return 0;
      // Rounding can carry the quotient past 1.
      return Math.max(-1, Math.min(1, dot(data, rows, offset) / norms));
    }
  }
}

/** The Euclidean norm of `count` numbers from `offset` on; NaN or infinite where one of them is. */
export function norm(numbers: Float32Array, offset: number, count: number): number {
  let sum = 0;
  for (let i = offset; i < offset + count; i++) sum += numbers[i]! * numbers[i]!;
  return Math.sqrt(sum);
}

/** The vector at unit length; one without a direction stays as it is. */
export function unit(vector: Float32Array): Float32Array {
  const length = norm(vector, 0, vector.length) || 1;
  return vector.map((value) => value / length);
}

/** The product of `a` with as many numbers of `b` from `offset` on, in float64. */
// Four sums side by side, because one alone waits for each of its additions.
export function dot(a: Float32Array, b: Float32Array, offset: number): number {
  const {length} = a;
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let i = 0;
  for (; i + 3 < length; i += 4) {
    s0 += a[i]! * b[offset + i]!;
    s1 += a[i + 1]! * b[offset + i + 1]!;
    s2 += a[i + 2]! * b[offset + i + 2]!;
    s3 += a[i + 3]! * b[offset + i + 3]!;
  }
  for (; i < length; i++) s0 += a[i]! * b[offset + i]!;
  return s0 + s1 + (s2 + s3);
}

function squaredDistance(a: Float32Array, b: Float32Array, offset: number): number {
  const {length} = a;
  let [even, odd] = [0, 0];
  let i = 0;
  for (; i + 1 < length; i += 2) {
    const first = a[i]! - b[offset + i]!;
    const second = a[i + 1]! - b[offset + i + 1]!;
    even += first * first;
    odd += second * second;
  }
  if (i < length) even += (a[i]! - b[offset + i]!) ** 2;
  return even + odd;
}
