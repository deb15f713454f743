import {assertArgument, LatentError} from '../errors.js';

/** A point in a model's latent space; a literal `S` lets the compiler keep spaces apart. */
export interface Latent<S extends string = string> {
  /** Id of the space (`space.id` in the pack): only latents of the same space may be mixed. */
  readonly space: S;
  /** Sizes of the axes, outermost first, without a batch axis: `[16, 32, 32]` or `[128]`. */
  readonly shape: readonly number[];
  /** The numbers, row-major; as many as the product of `shape`. */
  readonly data: Float32Array;
}

/**
 * Makes a latent around `data` (kept, not copied); `bad-argument` when the space is empty, a size
 * is not a positive integer, the count of numbers is not the product of the shape, or one of them
 * is not finite.
 */
export function createLatent<S extends string>(
  space: S,
  shape: readonly number[],
  data: Float32Array,
): Latent<S> {
  const fault = findFault({space, shape, data}) ?? findNonFinite(data);
  if (fault) throw new LatentError('bad-argument', `Cannot make a latent: ${fault}.`);
  return {space, shape: [...shape], data};
}

/** How many numbers a latent of this shape has. */
export function countOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Whether a value has the form of a latent; does not look at each number. */
export function isLatent(value: unknown): value is Latent {
  return typeof value === 'object' && value !== null && findFault(value) === undefined;
}

/** Throws `bad-argument`, naming the argument, unless it has the form of a latent. */
export function assertLatent(name: string, value: unknown): asserts value is Latent {
  assertArgument(isLatent(value), name, 'a latent {space, shape, data}', value);
}

/** Throws `bad-argument`, naming the argument, unless it is a list of latents. */
export function assertLatents(name: string, value: unknown): asserts value is readonly Latent[] {
  assertArgument(Array.isArray(value), name, 'a list of latents', value);
  (value as readonly unknown[]).forEach((each, i) => {
    assertLatent(`${name}[${String(i)}]`, each);
  });
}

/**
 * Throws `space-mismatch`, naming both spaces, unless all latents are of one space; `bad-argument`,
 * naming both shapes, unless they are also of one shape.
 */
export function assertSameSpace(...latents: readonly Latent[]): void {
  const [first, ...rest] = latents;
  if (!first) return;
  for (const other of rest) {
    if (other.space !== first.space) throw spaceMismatch(first.space, other.space);
    if (!isSameShape(first, other)) {
      throw new LatentError(
        'bad-argument',
        `Two latents of the space '${first.space}' differ in shape: ${describeShape(first)} and ` +
          `${describeShape(other)}. Encode both images at the same size.`,
      );
    }
  }
}

/** The `space-mismatch` error for two space ids, with the remedy in its message. */
export function spaceMismatch(expected: string, actual: string): LatentError {
  return new LatentError(
    'space-mismatch',
    `Latents of the spaces '${expected}' and '${actual}' cannot be mixed. Use one model for both, ` +
      `or carry one over: fitAlignment(fromLatents, toLatents).apply(latent).`,
  );
}

function isSameShape(a: Latent, b: Latent): boolean {
  return (
    a.data.length === b.data.length &&
    a.shape.length === b.shape.length &&
    a.shape.every((size, axis) => size === b.shape[axis])
  );
}

function describeShape({shape, data}: Latent): string {
  return `[${shape.join(', ')}] (${data.length} numbers)`;
}

function findFault({space, shape, data}: {[key in keyof Latent]?: unknown}): string | undefined {
  if (typeof space !== 'string' || space === '') return 'space must be a non-empty string';
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size > 0)) {
    return `shape must be a list of positive integers, got ${JSON.stringify(shape)}`;
  }
  if (!(data instanceof Float32Array)) return 'data must be a Float32Array';
  const count = countOf(shape as number[]);
  if (count === data.length) return undefined;
  return `the shape [${shape.join(', ')}] holds ${count} numbers, data holds ${data.length}`;
}

function findNonFinite(data: Float32Array): string | undefined {
  const index = data.findIndex((value) => !Number.isFinite(value));
  return index < 0 ? undefined : `number ${index} of data is ${String(data[index])}`;
}
