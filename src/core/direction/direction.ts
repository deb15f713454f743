import {assertFinite, LatentError} from '../errors.js';
import {
  assertLatent,
  createLatent,
  isLatent,
  type Latent,
  spaceMismatch,
} from '../latent/latent.js';
import type {Loadable, PackManifest} from '../pack/pack.js';

/** What the examples of a learned direction are worth, judged on examples that it did not see. */
export interface DirectionQuality {
  /**
   * Share of pairs, a positive and a negative example each, that a direction fitted without the two
   * puts in the right order, 0..1; 0.5 is what chance gives.
   */
  readonly separation: number;
  /** Distance of the unseen positives from the unseen negatives, in their standard deviations. */
  readonly effect: number;
  /** Share of random labellings of the same examples that separate as well, 0..1. */
  readonly chance: number;
  /** `clear`: works on others too; `weak`: more or purer examples are needed; `none`: useless. */
  readonly verdict: 'clear' | 'weak' | 'none';
}

/**
 * A direction in a latent space: `data` is the step of one unit. Of a latent's shape, or
 * `[channels, 1, 1]` for latents `[channels, height, width]` of any size.
 */
export interface Direction<S extends string = string> extends Latent<S> {
  readonly label?: string;
  /** Of learned directions. */
  readonly quality?: DirectionQuality;
}

/** What a direction says of itself beside its numbers. */
export type DirectionInfo = Pick<Direction, 'label' | 'quality'>;

/**
 * Makes a direction around `data` (kept, not copied); `bad-argument` as `createLatent`, and for a
 * step of length zero, which leads nowhere.
 */
export function createDirection<S extends string>(
  space: S,
  shape: readonly number[],
  data: Float32Array,
  {label, quality}: DirectionInfo = {},
): Direction<S> {
  const step = createLatent(space, shape, data);
  if (data.every((value) => value === 0)) {
    throw new LatentError('bad-argument', 'Cannot make a direction: all its numbers are 0.');
  }
  return {...step, ...(label !== undefined && {label}), ...(quality && {quality})};
}

/** Whether a value has the form of a direction; does not look at each number. */
export function isDirection(value: unknown): value is Direction {
  return isLatent(value) && (!('label' in value) || typeof value.label === 'string');
}

/**
 * The latent + k · direction, `k` in units; a direction `[channels, 1, 1]` moves every position
 * alike. `bad-argument` when `k` is not finite or the shapes do not fit, `space-mismatch` when the
 * spaces differ.
 */
export function moveAlong<S extends string>(
  latent: Latent<S>,
  direction: Direction<NoInfer<S>>,
  k: number,
): Latent<S> {
  assertLatent('latent', latent);
  assertLatent('direction', direction);
  assertFinite('k', k);
  assertFits(latent, direction);
  const {space, shape, data} = latent;
  const moved = data.slice();
  addStep(moved, direction.data, k);
  return {space, shape, data: moved};
}

/** Adds k · step to `data` in place; a shorter step holds one number for each channel. */
export function addStep(data: Float32Array, step: Float32Array, k: number): void {
  if (k === 0) return;
  const size = data.length / step.length;
  for (let channel = 0, i = 0; channel < step.length; channel++) {
    const shift = k * step[channel]!;
    for (let position = 0; position < size; position++) data[i++]! += shift;
  }
}

/** Whether a step of this shape can be added to latents of that one. */
export function stepFits(step: readonly number[], latent: readonly number[]): boolean {
  if (step.length !== latent.length) return false;
  if (step.every((size, axis) => size === latent[axis])) return true;
  return step.length === 3 && step[0] === latent[0] && step[1] === 1 && step[2] === 1;
}

function assertFits(latent: Latent, direction: Direction): void {
  if (direction.space !== latent.space) throw spaceMismatch(latent.space, direction.space);
  if (stepFits(direction.shape, latent.shape)) return;
  throw new LatentError(
    'bad-argument',
    `A direction of shape [${direction.shape.join(', ')}] does not fit a latent of shape ` +
      `[${latent.shape.join(', ')}]. Use latents of one size, or fit the direction with ` +
      '{pool: true}, which fits every size.',
  );
}

/** Directions of a pack by name → how far, in units. */
export type Edits = Readonly<Record<string, number>>;

type Source = Pick<PackManifest, 'name' | 'directions'>;

/** Edits in the pack's own order, told apart by how they are made. */
export interface EditPlan {
  /** What the editor takes, one number for each of its directions; undefined when all are 0. */
  readonly amounts: Float32Array | undefined;
  /** Vectors to add, none with the amount 0. */
  readonly vectors: readonly {
    readonly name: string;
    readonly tensor: string;
    readonly amount: number;
  }[];
}

/**
 * Checks edits and puts them into the pack's order; `bad-argument` for a name that the pack does
 * not know (the message lists those that it does) and for an amount that is no finite number.
 */
export function planEdits(pack: Source, edits: Edits): EditPlan {
  assertEdits(pack, edits);
  const directions = Object.entries(pack.directions ?? {});
  const amounts = new Float32Array(
    directions.filter(([, {editor}]) => editor !== undefined).length,
  );
  const vectors: EditPlan['vectors'][number][] = [];
  for (const [name, {vector, editor}] of directions) {
    const amount = Object.hasOwn(edits, name) ? edits[name]! : 0;
    if (amount === 0) continue;
    if (editor !== undefined) amounts[editor] = amount;
    if (vector !== undefined) vectors.push({name, tensor: vector, amount});
  }
  return {amounts: amounts.some((amount) => amount !== 0) ? amounts : undefined, vectors};
}

/**
 * The share of a picture's own detail that edits leave in it, above 1 where they strengthen it: each
 * direction's `detail` to the power of its amount, within its range. So amounts below 0 count where the
 * range goes there (less sharpness leaves less), and a direction that says nothing leaves all.
 */
export function detailLeft({directions = {}}: Pick<Source, 'directions'>, edits: Edits): number {
  let share = 1;
  for (const [name, {detail = 1, range}] of Object.entries(directions)) {
    const [low, high] = [Math.min(0, range[0]), Math.max(0, range[1])];
    if (Object.hasOwn(edits, name)) share *= detail ** Math.min(high, Math.max(low, edits[name]!));
  }
  return share;
}

/** The parts that edits run: none where all amounts are 0; errors as `planEdits`. */
export function partsToEdit(pack: Source, edits: Edits): Loadable[] {
  const {amounts, vectors} = planEdits(pack, edits);
  const needed: Loadable[] = [];
  if (amounts) needed.push('editor');
  if (vectors.length > 0) needed.push('directionVectors');
  return needed;
}

/** What the named directions need; `bad-argument` for a name that the pack does not know. */
export function neededBy(pack: Source, names: readonly string[]): Loadable[] {
  const needed = new Set<Loadable>();
  for (const name of names) {
    assertKnown(pack, name);
    needed.add(pack.directions?.[name]?.editor === undefined ? 'directionVectors' : 'editor');
  }
  return [...needed];
}

function assertEdits(pack: Source, edits: Edits): void {
  for (const [name, amount] of Object.entries(edits)) {
    assertKnown(pack, name);
    if (Number.isFinite(amount)) continue;
    throw new LatentError(
      'bad-argument',
      `The amount of the direction "${name}" must be a finite number, got ${String(amount)}.`,
    );
  }
}

function assertKnown({name: pack, directions = {}}: Source, name: string): void {
  if (Object.hasOwn(directions, name)) return;
  const known = Object.keys(directions).map((each) => `"${each}"`);
  throw new LatentError(
    'bad-argument',
    `The pack ${pack} has no direction "${name}"; ` +
      (known.length > 0 ? `it has ${known.join(', ')}.` : 'it has none.'),
  );
}
