import {LatentError} from '../errors.js';
import {countOf, type Latent} from './latent.js';

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
  const {from, to} = data;
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
