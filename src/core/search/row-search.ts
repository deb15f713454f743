import {createQuery, type Metric, type Query, scoreRow} from './metric.js';
import {MAX_BLOCK, RowFilter} from './row-filter.js';
import {BLOCK as SKETCH_BLOCK, blocksFrom, Sketch} from './sketch.js';
import type {TopK} from './top-k.js';
import type {VectorRows} from './vector-rows.js';

/** Rows that are scored before there is anything to compare bounds with. */
const FIRST_BLOCK = 32;
/** Between blocks the threshold rises: small ones score less in full, large ones have fewer calls. */
const BLOCK = 256;
/** Fewer rows are not worth a sketch. */
const SKETCH_FROM = 4096;
/** With so many times the rows that it has learned from, a sketch learns anew. */
const RELEARN = 4;
/** So many more than are asked for are looked at first, because sketches put them in a rough order. */
const MARGIN = 6;
/** Blocks that are collected at once: few as long as there is nothing to compare with. */
const [FEW, MANY] = [16, MAX_BLOCK / SKETCH_BLOCK];

/** Scans of all rows: by a sketch and a filter of codes, or by the long way. */
export class RowSearch {
  readonly #rows: VectorRows;
  readonly #filters = new Map<Metric, RowFilter | undefined>();
  /** null: there is none to be had. */
  #sketch: RowSketch | null | undefined;

  constructor(rows: VectorRows) {
    this.#rows = rows;
  }

  /** Collects the nearest rows; `accept` is asked of those only that are near enough. */
  nearest(query: Query, top: TopK, accept: (row: number) => boolean): void {
    const rows = this.#rows;
    const {data, norms, dimension} = rows;
    const look = (row: number): void => {
      if (rows.isDead(row)) return;
      const score = scoreRow(query, data, row * dimension, norms[row]!);
      if (top.accepts(score, row) && accept(row)) top.push(score, row);
    };
    const filter = this.#begin(query);
    if (!filter) {
      for (let row = 0; row < rows.end; row++) look(row);
      return;
    }
    const sketch = isSketchable(query) ? this.#encodeSketch(Infinity) : undefined;
    if (sketch) {
      sketch.search(query, filter, top, look);
      return;
    }
    let count = FIRST_BLOCK;
    for (let from = 0; from < rows.end; from += count, count = BLOCK) {
      const some = Math.min(count, rows.end - from);
      for (const row of filter.scanRange(from, some, top.threshold)) look(row);
    }
  }

  /** Visits every live row from number `from` on that may score at least `threshold`: some more too. */
  candidates(query: Query, from: number, threshold: number, look: (row: number) => void): void {
    const rows = this.#rows;
    const filter = this.#begin(query);
    const live = (row: number): void => {
      if (!rows.isDead(row)) look(row);
    };
    for (let at = from; at < rows.end; at += MAX_BLOCK) {
      const count = Math.min(MAX_BLOCK, rows.end - at);
      if (filter) filter.scanRange(at, count, threshold).forEach(live);
      else for (let row = at; row < at + count; row++) live(row);
    }
  }

  /** Encodes `count` more rows for a metric; whether some are left. */
  prepare(metric: Metric, count: number): boolean {
    const {end} = this.#rows;
    const filter = this.#filter(metric);
    if (!filter || !this.#encode(metric, filter, Math.min(end, filter.encoded + count)))
      return false;
    const sketch = metric === 'cosine' ? this.#encodeSketch(count) : undefined;
    return filter.encoded < end || (sketch ? sketch.encoded < end : false);
  }

  /** A row has changed or was removed. */
  refresh(row: number): void {
    for (const filter of this.#filters.values()) filter?.refresh(this.#rows, row);
    this.#sketch?.refresh(this.#rows, row);
  }

  /** Rows have moved. */
  clear(): void {
    for (const filter of this.#filters.values()) filter?.clear();
    this.#sketch?.clear();
  }

  #begin(query: Query): RowFilter | undefined {
    const filter = this.#filter(query.metric);
    if (!filter || !this.#encode(query.metric, filter, this.#rows.end)) return undefined;
    return filter.begin(query) ? filter : undefined;
  }

  #filter(metric: Metric): RowFilter | undefined {
    if (!this.#filters.has(metric)) {
      this.#filters.set(metric, RowFilter.create(metric, this.#rows.dimension));
    }
    return this.#filters.get(metric);
  }

  #encode(metric: Metric, filter: RowFilter, end: number): boolean {
    if (filter.encode(this.#rows, end)) return true;
    // No memory for codes: from now on the long way.
    this.#filters.set(metric, undefined);
    return false;
  }

  #encodeSketch(count: number): RowSketch | undefined {
    if (this.#rows.end < SKETCH_FROM) return undefined;
    if (this.#sketch === undefined) this.#sketch = RowSketch.create(this.#rows.dimension) ?? null;
    if (this.#sketch && !this.#sketch.encode(this.#rows, count)) this.#sketch = null;
    return this.#sketch ?? undefined;
  }
}

function isSketchable({metric, norm}: Query): boolean {
  return metric === 'cosine' && norm > 0;
}

/** A sketch of rows in their order. */
export class RowSketch {
  readonly sketch: Sketch;
  #learned = 0;
  #encoded = 0;
  #blocks = blocksFrom(0, 0);

  private constructor(sketch: Sketch) {
    this.sketch = sketch;
  }

  /** A sketch of no rows; undefined where there can be none. */
  static create(dimension: number): RowSketch | undefined {
    const sketch = Sketch.create(dimension);
    return sketch && new RowSketch(sketch);
  }

  /** How many rows are encoded. */
  get encoded(): number {
    return this.#encoded;
  }

  /** Encodes up to `more` rows that are not yet; false where memory ran out. */
  encode(rows: VectorRows, more: number): boolean {
    if (!this.sketch.reserve(rows.end)) return false;
    if (this.#learned === 0 || rows.end > RELEARN * this.#learned) {
      this.sketch.learn(rows);
      this.#learned = rows.end;
      this.#encoded = 0;
    }
    const end = Math.min(rows.end, this.#encoded + more);
    for (; this.#encoded < end; this.#encoded++) {
      this.sketch.put(this.#encoded, rows, this.#encoded);
    }
    return true;
  }

  /** Encodes a row anew that has changed. */
  refresh(rows: VectorRows, row: number): void {
    if (row < this.#encoded) this.sketch.put(row, rows, row);
  }

  /** Forgets every row. */
  clear(): void {
    this.#encoded = 0;
    this.#learned = 0;
  }

  /** Looks at every row that may be among the best of a query which `filter` has begun too. */
  search(query: Query, filter: RowFilter, top: TopK, look: (row: number) => void): void {
    const {sketch} = this;
    const end = this.#encoded;
    const count = Math.ceil(end / SKETCH_BLOCK);
    if (this.#blocks.length !== count) this.#blocks = blocksFrom(0, count);
    sketch.aim(query);
    sketch.sum(this.#blocks);
    // The likeliest first: against their scores hardly anything else stands.
    const likely = sketch.likely(top.capacity + MARGIN);
    if (likely !== undefined) {
      for (const row of sketch.collect(0, count, likely)) {
        if (row < end) look(row);
        sketch.drop(row);
      }
    }
    const list = filter.list();
    let some = top.threshold > -Infinity ? MANY : FEW;
    for (let from = 0; from < count; from += some, some = Math.min(2 * some, MANY)) {
      const to = Math.min(count, from + some);
      let length = 0;
      for (const row of sketch.collect(from, to, sketch.least(top.threshold))) {
        if (row < end) list[length++] = row;
      }
      for (const row of filter.scan(length, top.threshold)) look(row);
    }
  }
}

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
