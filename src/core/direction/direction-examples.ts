import {type Direction, stepFits} from './direction.js';
import {LatentError} from '../errors.js';
import {assertSameSpace, countOf, type Latent, spaceMismatch} from '../latent/latent.js';

/** Examples as rows of numbers, ready for arithmetic. */
export interface Examples {
  /** Centred around their common mean, the positive ones first; owned by the receiver. */
  readonly rows: readonly Float64Array[];
  /** How many of the rows are positive. */
  readonly positives: number;
  /** Shape of the direction that they give: that of the examples, or `[channels, 1, 1]`. */
  readonly shape: readonly number[];
}

const SIDES = ['positive', 'negative'] as const;
/** The time to solve grows with the cube of it: to some seconds. */
const MAX_EXAMPLES = 512;
/** 256 MB as float64. */
const MAX_NUMBERS = 2 ** 25;

/**
 * Checks examples, drops those given twice on one side, pools them where asked to or where their
 * sizes differ, and centres them. `bad-argument` with fewer than two different ones on a side or
 * shapes that cannot be joined, `space-mismatch` for mixed spaces, `unsupported` for too many.
 */
export function readExamples(
  positives: readonly Latent[],
  negatives: readonly Latent[],
  pool: boolean | undefined,
): Examples {
  const sides = [positives, negatives].map(distinct);
  sides.forEach((side, i) => {
    assertEnough(side.length, [positives, negatives][i]!.length, SIDES[i]!);
  });
  const all = sides.flat();
  const [first] = all as [Latent];
  for (const {space} of all) if (space !== first.space) throw spaceMismatch(first.space, space);
  const pooled = pool ?? all.some(({shape}) => isOtherSize(shape, first.shape));
  if (pooled) assertPoolable(all);
  else assertSameSpace(...all);
  const shape = pooled ? [first.shape[0]!, 1, 1] : first.shape;
  assertSize(all.length, pooled ? first.shape[0]! : first.data.length);
  const rows = all.map(({data}) =>
    pooled ? poolChannels(data, shape[0]!) : Float64Array.from(data),
  );
  centre(rows);
  return {rows, positives: sides[0]!.length, shape};
}

/**
 * The orthonormal basis of what the directions span, in numbers of the shape `shape` (Gram–Schmidt,
 * twice); `bad-argument` for a direction that does not fit it, `space-mismatch` for one of another
 * space.
 */
export function spanOf(
  directions: readonly Direction[],
  space: string,
  shape: readonly number[],
): Float64Array[] {
  const basis: Float64Array[] = [];
  for (const direction of directions) {
    if (direction.space !== space) throw spaceMismatch(space, direction.space);
    const vector = fit(direction, shape);
    const length = norm(vector);
    remove(vector, basis);
    // What is left of a direction in the span of the others is rounding.
    if (norm(vector) > SPAN_TOLERANCE * length) basis.push(scaled(vector));
  }
  return basis;
}

const SPAN_TOLERANCE = 1e-9;

/** Takes the components along an orthonormal basis out of a vector, in place. */
export function remove(vector: Float64Array, basis: readonly Float64Array[]): void {
  // The second pass removes what rounding left of the first.
  for (let pass = 0; pass < 2; pass++) {
    for (const axis of basis) {
      const share = dot(vector, axis);
      for (let i = 0; i < vector.length; i++) vector[i]! -= share * axis[i]!;
    }
  }
}

/** The inner product of two vectors of one length. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function norm(vector: Float64Array): number {
  return Math.sqrt(dot(vector, vector));
}

function scaled(vector: Float64Array): Float64Array {
  const length = norm(vector);
  return vector.map((value) => value / length);
}

function fit({shape: own, data}: Direction, shape: readonly number[]): Float64Array {
  if (stepFits(own, shape)) {
    const size = countOf(shape) / data.length;
    return Float64Array.from({length: size * data.length}, (_, i) => data[Math.floor(i / size)]!);
  }
  // Along a pooled direction every position moves alike, so that only the mean step counts.
  if (stepFits(shape, own)) return poolChannels(data, shape[0]!);
  throw new LatentError(
    'bad-argument',
    `orthogonalTo has a direction of shape [${own.join(', ')}], which does not fit the ` +
      `examples' [${shape.join(', ')}].`,
  );
}

function distinct(side: readonly Latent[]): Latent[] {
  return side.filter((latent, i) => !side.slice(0, i).some((other) => isEqual(latent, other)));
}

function isEqual(a: Latent, b: Latent): boolean {
  return (
    a.data.length === b.data.length &&
    a.shape.join() === b.shape.join() &&
    a.data.every((value, i) => value === b.data[i])
  );
}

function assertEnough(different: number, given: number, side: string): void {
  if (different >= 2) return;
  const repeated = given > different ? `, ${given - different} of them given twice` : '';
  throw new LatentError(
    'bad-argument',
    `A direction needs two or more different ${side} examples, got ${given}${repeated}. Three or ` +
      'more on each side give a first idea, eight a good one.',
  );
}

function isOtherSize(shape: readonly number[], first: readonly number[]): boolean {
  const both = shape.length === 3 && first.length === 3 && shape[0] === first[0];
  return both && (shape[1] !== first[1] || shape[2] !== first[2]);
}

function assertPoolable(latents: readonly Latent[]): void {
  const [{shape: first}] = latents as [Latent];
  for (const {shape} of latents) {
    if (shape.length === 3 && shape[0] === first[0]) continue;
    throw new LatentError(
      'bad-argument',
      `Examples of the shapes [${first.join(', ')}] and [${shape.join(', ')}] cannot be pooled: ` +
        'that takes [channels, height, width] with equal channels.',
    );
  }
}

function assertSize(examples: number, numbers: number): void {
  if (examples <= MAX_EXAMPLES && examples * numbers <= MAX_NUMBERS) return;
  throw new LatentError(
    'unsupported',
    `A direction of ${examples} examples with ${numbers} numbers each is too much: at most ` +
      `${MAX_EXAMPLES} examples and ${MAX_NUMBERS} numbers in all. Use fewer, or {pool: true}.`,
  );
}

function poolChannels(data: Float32Array, channels: number): Float64Array {
  const size = data.length / channels;
  return Float64Array.from({length: channels}, (_, channel) => {
    let sum = 0;
    for (let i = channel * size; i < (channel + 1) * size; i++) sum += data[i]!;
    return sum / size;
  });
}

function centre(rows: readonly Float64Array[]): void {
  const mean = new Float64Array(rows[0]!.length);
  for (const row of rows) for (let i = 0; i < mean.length; i++) mean[i]! += row[i]! / rows.length;
  for (const row of rows) for (let i = 0; i < mean.length; i++) row[i]! -= mean[i]!;
}
