import {LatentError} from '../errors.js';
import type {Loadable, PackManifest} from '../pack/pack.js';

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
