import {randomNormal} from '../random/noise.js';

/** The plane through a cloud of points along which it is widest. */
export interface PrincipalPlane {
  readonly mean: Float64Array;
  /** Two orthonormal vectors: the first and the second principal component. */
  readonly axes: readonly [Float64Array, Float64Array];
  /** Variances along them, greatest first; 0 where the points do not differ that way. */
  readonly variances: readonly [number, number];
}

/** Vectors that are iterated beside the two: the gap to what is cut off decides the pace. */
const SPARE = 6;
const MAX_STEPS = 300;
/** Change of the two variances, as a share, below which the plane stays where it is. */
const TOLERANCE = 1e-10;
/** Numbers of a vector up to which the covariance matrix is smaller than what it saves. */
const MAX_COVARIANCE = 1024;
/** Numbers that are gone through between two pauses. */
const BLOCK = 1 << 19;

/** `principalSteps` without a pause. */
export function principalPlane(rows: Float32Array, dimension: number): PrincipalPlane {
  const steps = principalSteps(rows, dimension);
  for (;;) {
    const {done, value} = steps.next();
    if (done) return value;
  }
}

/**
 * Principal component analysis down to two components, by subspace iteration: on the covariance matrix
 * where vectors are short and many, else on the centred rows themselves, so that a vector may have
 * thousands of numbers. Deterministic, signs included: the number of an axis that is largest in size is
 * positive. Yields now and then, so that a caller can pause.
 *
 * @param rows - Row after row, `dimension` numbers each.
 */
export function* principalSteps(
  rows: Float32Array,
  dimension: number,
): Generator<undefined, PrincipalPlane> {
  const count = dimension === 0 ? 0 : rows.length / dimension;
  const mean = meanOf(rows, dimension, count);
  const isShort = dimension <= MAX_COVARIANCE && dimension < count;
  const covariance = isShort ? yield* covarianceSteps(rows, mean) : undefined;
  let basis = startingBasis(dimension, Math.min(2 + SPARE, dimension));
  let variances: readonly number[] = [];
  for (let step = 0; step < MAX_STEPS; step++) {
    const images = covariance
      ? basis.map((vector) => multiply(covariance, vector))
      : yield* multiplySteps(rows, mean, basis);
    // Within the subspace, the axes themselves (Rayleigh–Ritz).
    const found = eigenvectors(
      basis.map((a) => Float64Array.from(images, (image) => dot(a, image))),
    );
    const before = variances;
    variances = found.slice(0, 2).map(({value}) => value);
    const still = variances.every(
      (value, i) => Math.abs(value - before[i]!) <= TOLERANCE * Math.abs(value),
    );
    const last = still || step === MAX_STEPS - 1;
    const vectors = last ? basis : images;
    const turned = found.map(({vector}) => combine(vectors, vector, dimension));
    basis = last ? turned : orthonormal(turned);
    if (last) break;
  }
  const axis = (n: number): Float64Array =>
    withPositiveTop(basis[n] ?? new Float64Array(dimension));
  const variance = (n: number): number => Math.max(0, variances[n] ?? 0) / Math.max(1, count);
  return {mean, axes: [axis(0), axis(1)], variances: [variance(0), variance(1)]};
}

/** Where vectors lie on a plane, two numbers each; 0, 0 is the mean. */
export function projectRows(rows: Float32Array, plane: PrincipalPlane): Float32Array {
  const {mean, axes} = plane;
  const dimension = mean.length;
  const count = dimension === 0 ? 0 : rows.length / dimension;
  const positions = new Float32Array(2 * count);
  for (let row = 0; row < count; row++) {
    let [x, y] = [0, 0];
    for (let i = 0, at = row * dimension; i < dimension; i++, at++) {
      const value = rows[at]! - mean[i]!;
      x += value * axes[0][i]!;
      y += value * axes[1][i]!;
    }
    positions[2 * row] = x;
    positions[2 * row + 1] = y;
  }
  return positions;
}

function meanOf(rows: Float32Array, dimension: number, count: number): Float64Array {
  const mean = new Float64Array(dimension);
  for (let at = 0; at < rows.length;) {
    for (let i = 0; i < dimension; i++, at++) mean[i]! += rows[at]!;
  }
  return mean.map((sum) => sum / Math.max(1, count));
}

function startingBasis(dimension: number, width: number): Float64Array[] {
  if (width === 0) return [];
  const numbers = randomNormal(0, dimension * width);
  return orthonormal(
    Array.from({length: width}, (_, i) =>
      Float64Array.from(numbers.subarray(i * dimension, (i + 1) * dimension)),
    ),
  );
}

/** The sums of products of centred numbers: the covariance times the count. */
function* covarianceSteps(
  rows: Float32Array,
  mean: Float64Array,
): Generator<undefined, Float64Array> {
  const dimension = mean.length;
  const sums = new Float64Array(dimension * dimension);
  const centred = new Float64Array(dimension);
  const pause = Math.ceil(BLOCK / (dimension * dimension));
  for (let row = 0; row * dimension < rows.length; row++) {
    for (let i = 0; i < dimension; i++) centred[i] = rows[row * dimension + i]! - mean[i]!;
    for (let i = 0; i < dimension; i++) {
      const value = centred[i]!;
      for (let j = i, at = i * dimension + i; j < dimension; j++, at++)
        sums[at]! += value * centred[j]!;
    }
    if (row % pause === 0) yield;
  }
  for (let i = 0; i < dimension; i++)
    for (let j = 0; j < i; j++) sums[i * dimension + j] = sums[j * dimension + i]!;
  return sums;
}

function multiply(matrix: Float64Array, vector: Float64Array): Float64Array {
  const size = vector.length;
  return vector.map((_, i) => {
    let sum = 0;
    for (let j = 0, at = i * size; j < size; j++, at++) sum += matrix[at]! * vector[j]!;
    return sum;
  });
}

// The same of rows alone: Xᵀ (X v).
function* multiplySteps(
  rows: Float32Array,
  mean: Float64Array,
  basis: readonly Float64Array[],
): Generator<undefined, Float64Array[]> {
  const dimension = mean.length;
  const sums = basis.map(() => new Float64Array(dimension));
  const centred = new Float64Array(dimension);
  const pause = Math.max(1, Math.floor(BLOCK / (dimension * basis.length)));
  for (let row = 0; row * dimension < rows.length; row++) {
    for (let i = 0; i < dimension; i++) centred[i] = rows[row * dimension + i]! - mean[i]!;
    for (let v = 0; v < basis.length; v++) {
      const along = dot(centred, basis[v]!);
      const sum = sums[v]!;
      for (let i = 0; i < dimension; i++) sum[i]! += along * centred[i]!;
    }
    if (row % pause === 0) yield;
  }
  return sums;
}

function combine(
  vectors: readonly Float64Array[],
  weights: readonly number[],
  dimension: number,
): Float64Array {
  const sum = new Float64Array(dimension);
  vectors.forEach((vector, v) => {
    for (let i = 0; i < dimension; i++) sum[i]! += weights[v]! * vector[i]!;
  });
  return sum;
}

// Gram–Schmidt, twice over, since once leaves what rounding left. What is no direction of its own is 0.
function orthonormal(vectors: readonly Float64Array[]): Float64Array[] {
  const done: Float64Array[] = [];
  for (const given of vectors) {
    const vector = Float64Array.from(given);
    const length = Math.sqrt(dot(vector, vector));
    for (let round = 0; round < 2; round++) {
      for (const other of done) {
        const along = dot(vector, other);
        for (let i = 0; i < vector.length; i++) vector[i]! -= along * other[i]!;
      }
    }
    const rest = Math.sqrt(dot(vector, vector));
    done.push(vector.map((value) => (rest > 1e-12 * length ? value / rest : 0)));
  }
  return done;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

// A direction has no sign of its own: without a rule, maps would be mirrored from run to run.
function withPositiveTop(axis: Float64Array): Float64Array {
  const top = axis.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
  return top < 0 ? axis.map((value) => -value) : axis;
}

/** Eigenvectors of a small symmetric matrix by Jacobi's rotations, greatest eigenvalue first. */
function eigenvectors(matrix: readonly Float64Array[]): {value: number; vector: number[]}[] {
  const size = matrix.length;
  const a = matrix.map((row) => Float64Array.from(row));
  const v = matrix.map((_, i) => Float64Array.from({length: size}, (__, j) => Number(i === j)));
  for (let sweep = 0; sweep < 30; sweep++) {
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) {
        if (a[p]![q] === 0) continue;
        const theta = (a[q]![q]! - a[p]![p]!) / (2 * a[p]![q]!);
        const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.hypot(theta, 1));
        const c = 1 / Math.hypot(t, 1);
        const s = t * c;
        for (let k = 0; k < size; k++) {
          const [akp, akq] = [a[k]![p]!, a[k]![q]!];
          a[k]![p] = c * akp - s * akq;
          a[k]![q] = s * akp + c * akq;
        }
        for (let k = 0; k < size; k++) {
          const [apk, aqk] = [a[p]![k]!, a[q]![k]!];
          a[p]![k] = c * apk - s * aqk;
          a[q]![k] = s * apk + c * aqk;
          const [vkp, vkq] = [v[k]![p]!, v[k]![q]!];
          v[k]![p] = c * vkp - s * vkq;
          v[k]![q] = s * vkp + c * vkq;
        }
      }
    }
  }
  return a
    .map((row, i) => ({value: row[i]!, vector: v.map((each) => each[i]!)}))
    .sort((one, other) => other.value - one.value);
}
