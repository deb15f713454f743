import {CellSketch} from './cell-sketch.js';
import {type Metric, type Query, scoreRow} from './metric.js';
import {MAX_BLOCK, RowFilter} from './row-filter.js';
import {RowSketch} from './row-sketch.js';
import {searchSketch} from './sketch-search.js';
import type {TopK} from './top-k.js';
import type {VectorRows} from './vector-rows.js';

/** Rows that are scored before there is anything to compare bounds with. */
const FIRST_BLOCK = 32;
/** Between blocks the threshold rises: small ones score less in full, large ones have fewer calls. */
const BLOCK = 256;
/** Fewer rows are not worth a sketch, or cells. */
const [SKETCH_FROM, CELLS_FROM] = [4096, 20_000];

/** Scans of all rows: by a sketch and a filter of codes, or by the long way. */
export class RowSearch {
  readonly #rows: VectorRows;
  readonly #filters = new Map<Metric, RowFilter | undefined>();
  /** null: there is none to be had. */
  #sketch: RowSketch | null | undefined;
  #cells: CellSketch | null | undefined;

  constructor(rows: VectorRows) {
    this.#rows = rows;
  }

  /**
   * Collects the nearest rows, all of them if `exact`; `accept` is asked of those only that are near
   * enough.
   */
  nearest(query: Query, top: TopK, accept: (row: number) => boolean, exact = true): void {
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
    if (!exact && this.#cells?.isReady && isSketchable(query)) {
      this.#cells.search(query, filter, top, look);
      if (top.threshold > -Infinity) return;
      // Too few were accepted.
      top.clear();
    }
    const sketch = isSketchable(query) ? this.#encodeSketch(Infinity) : undefined;
    if (sketch) {
      sketch.sketch.aim(query);
      searchSketch(sketch.all(), filter, top, look, true);
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

  /** Sorts rows into cells, as much as `count` rows take; whether something is left to do. */
  prepareCells(count: number): boolean {
    if (this.#rows.size < CELLS_FROM) return false;
    if (this.#cells === undefined) this.#cells = CellSketch.create(this.#rows) ?? null;
    return this.#cells?.prepare(count) ?? false;
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
    this.#cells?.refresh(row);
  }

  /** Rows have moved. */
  clear(): void {
    for (const filter of this.#filters.values()) filter?.clear();
    this.#sketch?.clear();
    this.#cells?.clear();
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
