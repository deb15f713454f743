import {createQuery, type Metric, scoreRow} from './metric.js';
import type {RowSearch} from './row-search.js';
import type {VectorRows} from './vector-rows.js';

/**
 * Groups of rows that are linked by pairs scoring at least `threshold` (single linkage: the ends of a
 * chain may be further apart), each group and all of them in the order of rows. After each row it
 * yields the share that is done, 0..1, so that the caller can pause or give up; the rows must stay
 * as they are meanwhile.
 */
export function* duplicateRows(
  rows: VectorRows,
  search: RowSearch,
  metric: Metric,
  threshold: number,
): Generator<number, number[][]> {
  const sets = new DisjointSets(rows.end);
  for (let row = 0; row < rows.end; row++) {
    if (!rows.isDead(row)) {
      const query = createQuery(metric, rows.view(row));
      search.candidates(query, row + 1, threshold, (other) => {
        if (sets.find(row) === sets.find(other)) return;
        const score = scoreRow(query, rows.data, other * rows.dimension, rows.norms[other]!);
        if (score >= threshold) sets.join(row, other);
      });
    }
    yield (row + 1) / rows.end;
  }
  return sets.groups();
}

/** Union–find with path halving (Tarjan and van Leeuwen 1984); a set is led by its lowest member. */
class DisjointSets {
  readonly #parents: Int32Array;

  constructor(count: number) {
    this.#parents = Int32Array.from({length: count}, (_, i) => i);
  }

  find(member: number): number {
    const parents = this.#parents;
    let at = member;
    while (parents[at] !== at) {
      parents[at] = parents[parents[at]!]!;
      at = parents[at]!;
    }
    return at;
  }

  join(a: number, b: number): void {
    const [one, other] = [this.find(a), this.find(b)];
    this.#parents[Math.max(one, other)] = Math.min(one, other);
  }

  /** The sets of two and more. */
  groups(): number[][] {
    const groups = new Map<number, number[]>();
    this.#parents.forEach((_, member) => {
      const leader = this.find(member);
      const group = groups.get(leader);
      if (group) group.push(member);
      else groups.set(leader, [member]);
    });
    return [...groups.values()].filter((group) => group.length > 1);
  }
}
