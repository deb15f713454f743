import {createDirection, type Direction} from './direction.js';
import {dot, readExamples, remove, spanOf} from './direction-examples.js';
import {judge} from './direction-quality.js';
import {LatentError} from '../errors.js';
import {assertLatents, type Latent} from '../latent/latent.js';
import {addToDiagonal, fromRows, rowOf, solvePositive, zeros} from '../latent/matrix.js';

/** How a direction is fitted. */
export interface DirectionOptions {
  /**
   * `shrunk` (default): the mean difference, as far as it is more than chance; `mean-difference`:
   * attribute vectors (Radford et al. 2015); `probe`: the normal of a linear probe (InterFaceGAN,
   * Shen et al. 2020), with a ridge. All three are ridge probes: the second is the limit of an
   * infinite ridge, the first takes the ridge that the examples call for.
   */
  readonly method?: 'shrunk' | 'mean-difference' | 'probe';
  /** Strength of the probe's ridge, > 0, as a share of the mean variance; default 1. */
  readonly lambda?: number;
  /**
   * Directions of the same space along which the result must not move: what the examples differ by
   * along them is ignored, also in the quality.
   */
  readonly orthogonalTo?: readonly Direction[];
  /**
   * Average each channel over all positions, which gives a direction `[channels, 1, 1]` for latents
   * of every size; default: where the examples differ in size.
   */
  readonly pool?: boolean;
  /** What people call it. */
  readonly label?: string;
}

const LAMBDA = 1;
/** Below this share of what the examples vary by, the sides' difference is rounding. */
const NOTHING = 1e-12;
/** For the residuals a ridge this many times the variance is infinite, with ten digits to spare. */
const LARGE_RIDGE = 1e6;
/** As a share of the variance, a ridge that only keeps the arithmetic sound. */
const SMALL_RIDGE = 1e-6;

/**
 * Fits the direction that leads from the negative examples to the positive ones. A unit is half the
 * way between the two sides' means along it: the sides lie at −1 and 1, as an attribute that is as
 * often there as not, whose standard deviation is 1. Deterministic; a second at most for 64 examples
 * of 32 768 numbers. `bad-argument` with fewer than two different examples on a side, without any
 * difference between the sides, for shapes or a lambda that do not fit; `space-mismatch` for mixed
 * spaces; `unsupported` past 512 examples or 2²⁵ numbers.
 */
export function fitDirection<S extends string>(
  positives: readonly Latent<S>[],
  negatives: readonly Latent<S>[],
  options: DirectionOptions = {},
): Direction<S> {
  assertLatents('positives', positives);
  assertLatents('negatives', negatives);
  const {rows, positives: count, shape} = readExamples(positives, negatives, options.pool);
  const {space} = positives[0]!;
  const basis = spanOf(options.orthogonalTo ?? [], space, shape);
  const before = rows.reduce((sum, row) => sum + dot(row, row), 0);
  for (const row of rows) remove(row, basis);
  const gram: Gram = {
    products: rows.map((a) => Float64Array.from(rows, (b) => dot(a, b))),
    positives: count,
    dimensions: Math.max(1, rows[0]!.length - basis.length),
  };
  const difference = contrast(gram);
  const squared = product(gram, difference, difference);
  if (squared <= (NOTHING * before) / rows.length) throw noDifference(basis.length > 0);
  const ridge = ridgeOf(gram, options);
  const residual = residuals(gram, ridge);
  const weights = ridge === Infinity ? difference : labelled(residual, count);
  // ½·(w·d)/‖w‖² makes the projections of the two means 2 units apart.
  const unit = product(gram, weights, difference) / product(gram, weights, weights) / 2;
  const step = combine(rows, weights);
  remove(step, basis);
  const data = Float32Array.from(step, (value) => unit * value);
  return createDirection(space, shape, data, {
    ...(options.label !== undefined && {label: options.label}),
    quality: judge(residual, count),
  });
}

function ridgeOf(gram: Gram, {method = 'shrunk', lambda = LAMBDA}: DirectionOptions): number {
  if (method === 'mean-difference') return Infinity;
  // In few dimensions the examples may call for none at all, which could not be solved.
  if (method === 'shrunk') return Math.max(shrunkRidge(gram), SMALL_RIDGE * meanVariance(gram));
  if (!(Number.isFinite(lambda) && lambda > 0)) {
    throw new LatentError('bad-argument', `lambda must be above 0, got ${lambda}.`);
  }
  return lambda * meanVariance(gram);
}

/**
 * (K + r·I)⁻¹ − 11ᵀ/(n·r), in proportion to I − H of the ridge probe with a free intercept. Times the
 * labels it gives the residuals and also, in proportion, the probe's weights on the examples.
 */
function residuals(gram: Gram, ridge: number): Float64Array[] {
  const variance = meanVariance(gram);
  const finite = Math.min(ridge, LARGE_RIDGE * variance);
  const count = gram.products.length;
  // K is 0 along 1; another number there, taken off again, spares what a small ridge would cancel.
  const matrix = fromRows(gram.products.map((row) => row.map((value) => value + variance / count)));
  addToDiagonal(matrix, finite);
  const identity = zeros(count, count);
  addToDiagonal(identity, 1);
  const inverse = solvePositive(matrix, identity);
  if (!inverse) {
    throw new LatentError('bad-argument', 'lambda is too small for these examples. Raise it.');
  }
  const along = 1 / (count * (finite + variance));
  return gram.products.map((_, i) => rowOf(inverse, i).map((value) => value - along));
}

function meanVariance({products}: Gram): number {
  return products.reduce((sum, row, i) => sum + row[i]!, 0) / products.length;
}

function labelled(residual: readonly Float64Array[], positives: number): Float64Array {
  return Float64Array.from(residual, (row) =>
    row.reduce((sum, value, j) => (j < positives ? sum + value : sum - value), 0),
  );
}

function combine(rows: readonly Float64Array[], weights: Float64Array): Float64Array {
  const sum = new Float64Array(rows[0]!.length);
  rows.forEach((row, i) => {
    const weight = weights[i]!;
    for (let j = 0; j < sum.length; j++) sum[j]! += weight * row[j]!;
  });
  return sum;
}

function noDifference(isOrthogonal: boolean): LatentError {
  return new LatentError(
    'bad-argument',
    `The positive and the negative examples have the same mean${
      isOrthogonal ? ' beyond the directions in orthogonalTo' : ''
    }: they show no difference that could be learned.`,
  );
}

/** What is known of the examples of a direction: their inner products, centred. */
export interface Gram {
  /** Inner product of examples i and j, the positive ones first. */
  readonly products: readonly Float64Array[];
  /** How many examples are positive. */
  readonly positives: number;
  /** In how many dimensions the examples can differ. */
  readonly dimensions: number;
}

/** The weights with which examples sum up to the difference of the two sides' means. */
function contrast({products, positives}: Gram): Float64Array {
  const negatives = products.length - positives;
  return Float64Array.from(products, (_, i) => (i < positives ? 1 / positives : -1 / negatives));
}

/** aᵀ·K·b: the inner product of two weighted sums of the examples. */
function product({products}: Gram, a: Float64Array, b: Float64Array): number {
  let sum = 0;
  products.forEach((row, i) => {
    let inner = 0;
    for (let j = 0; j < row.length; j++) inner += row[j]! * b[j]!;
    sum += a[i]! * inner;
  });
  return sum;
}

/**
 * The ridge of the method `shrunk`, ≥ 0; `Infinity` means the plain mean difference.
 *
 * The mean difference d of n₁ + n₀ examples scatters around the true one by c·Σ, c = 1/n₁ + 1/n₀, Σ
 * the covariance within a side. If the true one may lie anywhere alike (τ²·I), its best guess is
 * (Σ + τ²/c·I)⁻¹·d, up to length: the ridge probe, because least squares on two classes is Fisher's
 * discriminant. τ² is what ‖d‖² has beyond chance; Σ is estimated by Ledoit and Wolf (2004), who
 * shrink the sample's covariance to a multiple of I by the share ρ that minimises the error.
 */
export function shrunkRidge(gram: Gram): number {
  const {positives, dimensions} = gram;
  const count = gram.products.length;
  const freedom = count - 2;
  const within = centreSides(gram);
  let trace = 0;
  let quartic = 0;
  let squares = 0;
  within.forEach((row, i) => {
    trace += row[i]! / freedom;
    quartic += row[i]! ** 2;
    for (const value of row) squares += (value / freedom) ** 2;
  });
  const mean = trace / dimensions;
  const spread = squares / dimensions - mean ** 2;
  const error = (quartic / freedom ** 2 - squares / freedom) / dimensions;
  if (!(spread > 0) || error >= spread) return Infinity;
  const rho = Math.max(0, error / spread);
  const d = contrast(gram);
  const c = 1 / positives + 1 / (count - positives);
  const tau = Math.max(0, (product(gram, d, d) - c * trace) / dimensions);
  return (freedom * (tau / c + rho * mean)) / (1 - rho);
}

/** The inner products after each side is centred around its own mean. */
function centreSides({products, positives}: Gram): Float64Array[] {
  const count = products.length;
  const sides = [
    [0, positives],
    [positives, count],
  ] as const;
  const centreColumns = (rows: readonly Float64Array[]): Float64Array[] =>
    rows.map((row) => {
      const centred = row.slice();
      for (const [from, to] of sides) {
        let mean = 0;
        for (let j = from; j < to; j++) mean += row[j]! / (to - from);
        for (let j = from; j < to; j++) centred[j]! -= mean;
      }
      return centred;
    });
  return centreColumns(transpose(centreColumns(products)));
}

function transpose(rows: readonly Float64Array[]): Float64Array[] {
  return rows.map((_, i) => Float64Array.from(rows, (row) => row[i]!));
}
