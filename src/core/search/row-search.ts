import {type Metric, type Query, scoreRow} from './metric.js';
import {MAX_BLOCK, RowFilter} from './row-filter.js';
import type {TopK} from './top-k.js';
import type {VectorRows} from './vector-rows.js';

/** Rows that are scored before there is anything to compare bounds with. */
const FIRST_BLOCK = 32;
/** Between blocks the threshold rises: small ones score less in full, large ones have fewer calls. */
const BLOCK = 256;

/** Scans of all rows: by a filter of codes for each metric in use, or by the long way. */
export class RowSearch {
  readonly #rows: VectorRows;
  readonly #filters = new Map<Metric, RowFilter | undefined>();

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
    let count = FIRST_BLOCK;
    for (let from = 0; from < rows.end; from += count, count = BLOCK) {
      visit(filter, from, Math.min(count, rows.end - from), top.threshold, look);
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
      if (filter) visit(filter, at, count, threshold, live);
      else for (let row = at; row < at + count; row++) live(row);
    }
  }

  /** Encodes `count` more rows for a metric; whether some are left. */
  prepare(metric: Metric, count: number): boolean {
    const filter = this.#filter(metric);
    if (!filter) return false;
    const end = Math.min(this.#rows.end, filter.encoded + count);
    return this.#encode(metric, filter, end) && end < this.#rows.end;
  }

  /** A row has changed or was removed. */
  refresh(row: number): void {
    for (const filter of this.#filters.values()) filter?.refresh(this.#rows, row);
  }

  /** Rows have moved. */
  clear(): void {
    for (const filter of this.#filters.values()) filter?.clear();
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
}

function visit(
  filter: RowFilter,
  from: number,
  count: number,
  threshold: number,
  look: (row: number) => void,
): void {
  for (const hit of filter.scan(from, count, threshold)) {
    if (hit < count) look(from + hit);
  }
}
