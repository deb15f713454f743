import {LatentError} from '../errors.js';
import {countOf, isLatent, type Latent, spaceMismatch} from '../latent/latent.js';
import {norm} from './metric.js';
import type {ItemData} from './vector-rows.js';

/** One thing to find. */
export interface IndexEntry {
  readonly id: string;
  readonly latent: Latent;
  /** Kept with it and in the file, as JSON: a title, an address, a text. */
  readonly item?: ItemData | undefined;
}

/** Many things of one space, their numbers in one array: the fast way to add them. */
export interface IndexBatch {
  readonly space: string;
  readonly ids: readonly string[];
  /** As many numbers as ids times the dimension, row after row. */
  readonly data: Float32Array;
  readonly items?: readonly (ItemData | undefined)[] | undefined;
}

/** What every latent of an index has in common; undefined as long as nothing said so. */
export interface IndexForm {
  readonly space: string | undefined;
  readonly shape: readonly number[] | undefined;
}

/** Throws `space-mismatch` or `bad-argument`, naming `what`, unless the latent is of this form. */
export function assertForm(what: string, latent: Latent, {space, shape}: IndexForm): void {
  if (!isLatent(latent)) throw new LatentError('bad-argument', `${what} has no latent.`);
  if (space !== undefined && latent.space !== space) throw spaceMismatch(space, latent.space);
  const fits =
    shape?.length === latent.shape.length && shape.every((n, i) => n === latent.shape[i]);
  if (shape && !fits) {
    throw new LatentError(
      'bad-argument',
      `The latent of ${what} has the shape [${latent.shape.join(', ')}], those of the index ` +
        `[${shape.join(', ')}].`,
    );
  }
  // One number that is not finite makes the norm so.
  if (!Number.isFinite(norm(latent.data, 0, latent.data.length))) {
    throw new LatentError('bad-argument', `The latent of ${what} has numbers that are not finite.`);
  }
}

/** Throws `bad-argument` unless the ids are texts, none empty, none twice, none `taken`. */
export function assertFresh(ids: readonly string[], taken: (id: string) => boolean): void {
  const seen = new Set<string>();
  for (const id of ids as readonly unknown[]) {
    if (typeof id !== 'string' || id === '') {
      throw new LatentError(
        'bad-argument',
        `An id must be a text that is not empty, got ${JSON.stringify(id)}.`,
      );
    }
    if (seen.has(id)) throw new LatentError('bad-argument', `The id '${id}' comes twice.`);
    if (taken(id)) {
      throw new LatentError('bad-argument', `The id '${id}' is there already. Use update().`);
    }
    seen.add(id);
  }
}

/** The entries of a batch; `bad-argument` where its counts do not fit each other or `shape`. */
export function entriesOf(
  {space, ids, data, items = []}: IndexBatch,
  form: IndexForm,
): IndexEntry[] {
  if (ids.length === 0 && data.length === 0) return [];
  const shape = form.shape ?? [data.length / ids.length];
  const dimension = countOf(shape);
  if (!Number.isInteger(dimension) || dimension === 0 || data.length !== dimension * ids.length) {
    throw new LatentError(
      'bad-argument',
      `${ids.length} ids came with ${data.length} numbers, which is not ` +
        `${form.shape ? String(dimension) : 'a whole count'} for each.`,
    );
  }
  return ids.map((id, i) => ({
    id,
    latent: {space, shape, data: data.subarray(i * dimension, (i + 1) * dimension)},
    item: items[i],
  }));
}
