import {createQuery} from '../search/metric.js';
import {RowSearch} from '../search/row-search.js';
import {TopK} from '../search/top-k.js';
import {VectorRows} from '../search/vector-rows.js';
import type {Neighbours} from './umap.js';

/** Rows between two pauses. */
const BLOCK = 64;

/**
 * The `count` nearest rows of each: exact, by the search that `VectorIndex` has. Rows of length 1 are
 * compared by cosine, which is the same order and faster among many; the distances are Euclidean. Yields the share that is done, 0..1, so that a caller can pause or stop.
 */
export function* neighbourSteps(
  data: Float32Array,
  dimension: number,
  count: number,
  isUnit = false,
): Generator<number, Neighbours> {
  const points = data.length / dimension;
  const ids = Array.from({length: points}, (_, i) => String(i));
  const rows = VectorRows.around(dimension, data, ids, []);
  const search = new RowSearch(rows);
  const found = {
    count,
    rows: new Int32Array(points * count),
    distances: new Float32Array(points * count),
  };
  for (let i = 0; i < points; i++) {
    const top = new TopK(count);
    search.nearest(
      createQuery(isUnit ? 'cosine' : 'euclidean', rows.view(i)),
      top,
      (row) => row !== i,
    );
    top.sorted().forEach(({row, score}, n) => {
      found.rows[i * count + n] = row;
      found.distances[i * count + n] = isUnit ? Math.sqrt(Math.max(0, 2 - 2 * score)) : -score;
    });
    if (i % BLOCK === 0) yield i / points;
  }
  return found;
}
