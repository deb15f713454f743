import {assertArgument, LatentError} from '../errors.js';
import {assertLatent, assertLatents, assertSameSpace, countOf, type Latent} from './latent.js';
import {
  addToDiagonal,
  fromRows,
  type Matrix,
  multiply,
  nearestOrthogonal,
  rowOf,
  solvePositive,
  trace,
  transpose,
} from './matrix.js';

/** An affine map from one latent space to another, as plain data: y = matrix·x + bias. */
export interface AlignmentData<From extends string = string, To extends string = string> {
  /** Id of the space that it takes. */
  readonly from: From;
  /** Id of the space that it gives. */
  readonly to: To;
  /** Shape of the latents that it gives. */
  readonly shape: readonly number[];
  /** Row-major: a row for each number that it gives, a column for each that it takes. */
  readonly matrix: ArrayLike<number>;
  /** One number for each that it gives. */
  readonly bias: ArrayLike<number>;
}

/** An alignment that can be applied. */
export interface Alignment<
  From extends string = string,
  To extends string = string,
> extends AlignmentData<From, To> {
  readonly matrix: Float32Array;
  readonly bias: Float32Array;
  /**
   * Carries a latent over; `space-mismatch` for one of another space than `from`, `bad-argument`
   * for one of another count of numbers.
   */
  readonly apply: (latent: Latent<From>) => Latent<To>;
}

/**
 * Makes an alignment of plain data, as a pack ships it; `bad-argument` when the sizes of shape,
 * matrix and bias do not fit one another.
 */
export function createAlignment<From extends string, To extends string>(
  data: AlignmentData<From, To>,
): Alignment<From, To> {
  const isData = typeof data === 'object' && (data as unknown) !== null;
  assertArgument(isData, 'data', 'an alignment {from, to, shape, matrix, bias}', data);
  const {from, to} = data;
  for (const field of ['shape', 'matrix', 'bias'] as const) {
    const isList = Array.isArray(data[field]) || ArrayBuffer.isView(data[field]);
    assertArgument(isList, `data.${field}`, 'a list of numbers', data[field]);
  }
  const shape = [...data.shape];
  const matrix = Float32Array.from(data.matrix);
  const bias = Float32Array.from(data.bias);
  const count = countOf(shape);
  const columns = matrix.length / bias.length;
  if (bias.length !== count || !Number.isInteger(columns) || columns === 0) {
    throw new LatentError(
      'bad-argument',
      `The alignment of '${from}' to '${to}' does not fit its shape [${shape.join(', ')}]: its ` +
        `matrix has ${matrix.length} numbers, its bias ${bias.length}.`,
    );
  }
  const apply = (latent: Latent<From>): Latent<To> => {
    assertLatent('latent', latent);
    assertTakes(latent, from, to, columns);
    return {space: to, shape, data: affine(matrix, bias, latent.data)};
  };
  return {from, to, shape, matrix, bias, apply};
}

function assertTakes({space, data}: Latent, from: string, to: string, columns: number): void {
  if (space !== from) {
    throw new LatentError(
      'space-mismatch',
      `An alignment of '${from}' to '${to}' cannot be applied to a latent of the space '${space}'.`,
    );
  }
  if (data.length !== columns) {
    throw new LatentError(
      'bad-argument',
      `The alignment of '${from}' to '${to}' takes latents of ${columns} numbers, got ` +
        `${data.length}.`,
    );
  }
}

function affine(matrix: Float32Array, bias: Float32Array, x: Float32Array): Float32Array {
  const y = new Float32Array(bias.length);
  for (let row = 0, k = 0; row < y.length; row++) {
    let sum = bias[row]!;
    for (const value of x) sum += matrix[k++]! * value;
    y[row] = sum;
  }
  return y;
}

/** How an alignment is fitted. */
export interface AlignmentOptions {
  /** `ridge` (default): any affine map; `procrustes`: turning, mirroring and shifting only. */
  readonly method?: 'ridge' | 'procrustes';
  /** Strength of the ridge, > 0, as a share of the mean variance of the samples; default 0.001. */
  readonly lambda?: number;
}

const LAMBDA = 1e-3;
/** 64 MB as float32; between larger latents a full matrix is the wrong tool. */
const MAX_MATRIX_NUMBERS = 2 ** 24;
/** Weight, against that of the pairs, of leaving alone the directions that they leave open. */
const IDENTITY_WEIGHT = 1e-10;

/**
 * Fits the map that carries each latent of the first list to its partner in the second, by ridge
 * regression or orthogonal Procrustes (Schönemann 1966), both after centring; `bad-argument` for
 * fewer than 2 pairs, unequal counts, equal latents, or (`procrustes`) different counts of numbers;
 * `space-mismatch` for a list of mixed spaces; `unsupported` past 2²⁴ numbers in the matrix.
 */
export function fitAlignment<From extends string, To extends string>(
  fromLatents: readonly Latent<From>[],
  toLatents: readonly Latent<To>[],
  {method = 'ridge', lambda = LAMBDA}: AlignmentOptions = {},
): Alignment<From, To> {
  assertLatents('fromLatents', fromLatents);
  assertLatents('toLatents', toLatents);
  const [from] = fromLatents;
  const [to] = toLatents;
  if (!from || !to || fromLatents.length < 2 || fromLatents.length !== toLatents.length) {
    throw new LatentError(
      'bad-argument',
      'fitAlignment needs two or more pairs of latents, got ' +
        `${fromLatents.length} on the one side and ${toLatents.length} on the other.`,
    );
  }
  assertSameSpace(...fromLatents);
  assertSameSpace(...toLatents);
  assertMatrixSize(from, to);
  const x = centre(fromLatents);
  const y = centre(toLatents);
  // Samples are rows, hence y = x·W with the transpose of the map.
  const w =
    method === 'procrustes'
      ? fitProcrustes(x.samples, y.samples)
      : fitRidge(x.samples, y.samples, lambda);
  const moved = multiply(fromRows([x.mean]), w).data;
  return createAlignment({
    from: from.space,
    to: to.space,
    shape: to.shape,
    matrix: transpose(w).data,
    bias: y.mean.map((value, i) => value - moved[i]!),
  });
}

// W = (XᵀX + λI)⁻¹XᵀY, or with fewer samples than dimensions its smaller equal Xᵀ(XXᵀ + λI)⁻¹Y.
function fitRidge(x: Matrix, y: Matrix, lambda: number): Matrix {
  if (!(Number.isFinite(lambda) && lambda > 0)) {
    throw new LatentError('bad-argument', `lambda must be above 0, got ${lambda}.`);
  }
  const isDual = x.rows < x.columns;
  const xt = transpose(x);
  const gram = isDual ? multiply(x, xt) : multiply(xt, x);
  addToDiagonal(gram, (lambda * trace(gram)) / gram.rows);
  const solution = solvePositive(gram, isDual ? y : multiply(xt, y));
  if (!solution) {
    throw new LatentError(
      'bad-argument',
      `The latents to align from are all equal, or lambda (${lambda}) is too small for them.`,
    );
  }
  return isDual ? multiply(xt, solution) : solution;
}

// W = U·Vᵀ of the decomposition XᵀY = U·S·Vᵀ. Few or dependent pairs leave directions open, where
// any W would do and rounding would choose; a trace of the identity makes it the least movement.
function fitProcrustes(x: Matrix, y: Matrix): Matrix {
  if (x.columns !== y.columns) {
    throw new LatentError(
      'bad-argument',
      `procrustes needs latents of equal size, got ${x.columns} and ${y.columns} ` +
        "numbers. Use the method 'ridge'.",
    );
  }
  const product = multiply(transpose(x), y);
  const size = Math.sqrt(product.data.reduce((sum, value) => sum + value * value, 0));
  if (size === 0) {
    throw new LatentError('bad-argument', 'The latents of one side are all equal: nothing to fit.');
  }
  addToDiagonal(product, IDENTITY_WEIGHT * size);
  return nearestOrthogonal(product);
}

function centre(latents: readonly Latent[]): {
  readonly mean: Float64Array;
  readonly samples: Matrix;
} {
  const samples = fromRows(latents.map(({data}) => data));
  const mean = new Float64Array(samples.columns);
  for (const {data} of latents) data.forEach((value, j) => (mean[j]! += value / latents.length));
  for (let i = 0; i < samples.rows; i++) {
    const row = rowOf(samples, i);
    for (let j = 0; j < row.length; j++) row[j]! -= mean[j]!;
  }
  return {mean, samples};
}

function assertMatrixSize(from: Latent, to: Latent): void {
  const numbers = from.data.length * to.data.length;
  if (numbers <= MAX_MATRIX_NUMBERS) return;
  throw new LatentError(
    'unsupported',
    `An alignment of '${from.space}' (${from.data.length} numbers) to '${to.space}' ` +
      `(${to.data.length}) needs a matrix of ${numbers} numbers, more than ` +
      `${MAX_MATRIX_NUMBERS}. Align latents of smaller images.`,
  );
}
