import {LatentError} from '../../src/core/errors.js';
import {assertMetric, type Metric} from '../../src/core/search/metric.js';
import type {SearchPlace} from '../../src/controllers/open-corpus.js';
import type {Target} from '../../src/controllers/target-controller.js';
import type {SearchItem} from '../../src/search/search-types.js';

/** All the ways in which a page says what to search. */
export interface PlaceProperties {
  readonly items: readonly SearchItem[] | undefined;
  readonly index: string | undefined;
  readonly store: string | undefined;
  readonly for: string | undefined;
  readonly metric: Metric | undefined;
}

/**
 * Where to search: `items` win over `index`, that over `store`, that over `for`, whose `target` is
 * read by `read`. Undefined where nothing is said, or while what `for` names may still come;
 * `bad-argument` for an id that names nothing, or an unknown metric.
 */
export function placeOf(
  properties: PlaceProperties,
  target: Target,
  read: () => readonly SearchItem[],
): SearchPlace | undefined {
  const {items, index, store, metric} = properties;
  if (metric) assertMetric(metric);
  if (items) return {kind: 'items', items, metric};
  if (index) return {kind: 'index', url: index, metric};
  if (store) return {kind: 'store', url: store, metric};
  if (target === 'missing') {
    throw new LatentError(
      'bad-argument',
      `for="${properties.for ?? ''}" names no element of this page. Give a list that id.`,
    );
  }
  if (target === undefined || target === 'pending') return undefined;
  return {kind: 'items', items: read(), metric};
}
