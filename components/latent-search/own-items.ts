import {LatentError} from '../../src/core/errors.js';
import type {PlaceProperties} from '../../src/controllers/search-controller.js';
import type {SearchItem} from '../../src/search/types.js';

/** What tells whether an element's items are its own to change. */
type Owner = Pick<PlaceProperties, 'items' | 'index' | 'store' | 'htmlFor'>;

/**
 * The items of an element and some more; `bad-argument` for an id that is there already, `unsupported`
 * where it searches a list of the page or an index.
 */
export function withItems(owner: Owner, items: readonly SearchItem[]): readonly SearchItem[] {
  assertOwn(owner, 'add');
  const known = new Set(owner.items?.map(({id}) => id));
  for (const {id} of items) {
    if (!known.has(id)) continue;
    throw new LatentError('bad-argument', `There is an item "${id}" already. Remove it first.`);
  }
  return [...(owner.items ?? []), ...items];
}

/** The items of an element without some; unknown ids are no error. Errors as `withItems`. */
export function withoutItems(owner: Owner, ids: readonly string[]): readonly SearchItem[] {
  assertOwn(owner, 'removeItems');
  const gone = new Set(ids);
  return (owner.items ?? []).filter(({id}) => !gone.has(id));
}

function assertOwn({items, htmlFor, index, store}: Owner, method: string): void {
  if (items || !(htmlFor || index || store)) return;
  throw new LatentError(
    'unsupported',
    `${method}() changes items, but this element searches ${
      htmlFor ? `the list "${htmlFor}": change that` : 'an index: make another'
    }.`,
  );
}
