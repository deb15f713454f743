import {learnCentres, nearestCentre} from './centres.js';
import type {Query} from './metric.js';
import {MAX_BLOCK, type RowFilter} from './row-filter.js';
import {BLOCK, blocksFrom, Sketch} from './sketch.js';
import {searchSketch} from './sketch-search.js';
import type {TopK} from './top-k.js';
import type {VectorRows} from './vector-rows.js';

/** Cells for each square root of the rows. */
const CELLS_PER_ROOT = 4;
/** Cells that are looked into first. */
const NEAREST = 8;
/**
 * How much less than the worst of the best so far the bound of another cell's centre may be. Found by
 * trial: 0.15 gives a recall of 0.99, 0.2 of 0.995 among glosses.
 */
const REACH = 0.18;
/** A share of the rows that may be in no cell before all are sorted anew. */
const LOOSE = 0.25;

/** A sketch of rows sorted into cells, of which a query looks into the nearest only. */
export class CellSketch {
  readonly #rows: VectorRows;
  readonly #sketch: Sketch;
  #building: Iterator<void> | undefined;
  /** Rows that there were when sorting began; later ones are in no cell. */
  #sorted = 0;
  /** Rows that have changed since, which are in no cell either. */
  readonly #changed = new Set<number>();
  /** The first blocks are those of centres, then come the blocks of each cell. */
  #centres = blocksFrom(0, 0);
  /** The first block of each cell, and the end. */
  #starts = new Int32Array(0);
  #chosen = new Int32Array(0);
  /** The row in each slot, or -1. */
  #rowOf = new Int32Array(0);

  private constructor(rows: VectorRows, sketch: Sketch) {
    this.#rows = rows;
    this.#sketch = sketch;
  }

  /** Nothing sorted yet; undefined where there are no sketches. */
  static create(rows: VectorRows): CellSketch | undefined {
    const sketch = Sketch.create(rows.dimension);
    return sketch && new CellSketch(rows, sketch);
  }

  /** Whether the rows are in cells. */
  get isReady(): boolean {
    return this.#starts.length > 0;
  }

  /**
   * Sorts the rows, where they are not or too many are in no cell, as much as `steps` rows take; whether
   * something is left to do.
   */
  prepare(steps: number): boolean {
    const loose = this.#changed.size + this.#rows.end - this.#sorted;
    if (!this.#building && loose > LOOSE * this.#sorted) {
      this.clear();
      this.#building = this.#sort();
    }
    for (let i = 0; this.#building && i < steps; i++) {
      if (this.#building.next().done) this.#building = undefined;
    }
    return this.#building !== undefined;
  }

  /** A row has changed or was removed. */
  refresh(row: number): void {
    if (row < this.#sorted) this.#changed.add(row);
  }

  /** Rows have moved. */
  clear(): void {
    this.#building = undefined;
    this.#changed.clear();
    this.#starts = new Int32Array(0);
    this.#sorted = 0;
  }

  /** Looks at what is likely to be among the best of a query that is not zero. */
  search(query: Query, filter: RowFilter, top: TopK, look: (row: number) => void): void {
    const sketch = this.#sketch;
    sketch.aim(query);
    sketch.sum(this.#centres);
    const nearest = sketch.collect(0, this.#centres.length, sketch.likely(NEAREST)!).slice();
    this.#searchCells(nearest, filter, top, look);
    sketch.sum(this.#centres);
    for (const cell of nearest) sketch.drop(cell);
    const least = sketch.least(top.threshold - REACH);
    const near = sketch.collect(0, this.#centres.length, least);
    this.#searchCells(near, filter, top, look);
    this.#searchLoose(filter, top, look);
  }

  #searchCells(cells: Int32Array, filter: RowFilter, top: TopK, look: (row: number) => void): void {
    let count = 0;
    for (const cell of cells) {
      for (let block = this.#starts[cell]!; block < this.#starts[cell + 1]!; block++) {
        this.#chosen[count++] = block;
      }
    }
    const blocks = this.#chosen.subarray(0, count);
    const rowOf = (slot: number): number => this.#liveRowOf(slot);
    searchSketch({sketch: this.#sketch, blocks, rowOf}, filter, top, look, false);
  }

  #searchLoose(filter: RowFilter, top: TopK, look: (row: number) => void): void {
    const list = filter.list();
    let count = 0;
    const flush = (): void => {
      filter.scan(count, top.threshold).forEach(look);
      count = 0;
    };
    const put = (row: number): void => {
      list[count++] = row;
      if (count === MAX_BLOCK) flush();
    };
    this.#changed.forEach(put);
    for (let row = this.#sorted; row < this.#rows.end; row++) put(row);
    flush();
  }

  #liveRowOf(slot: number): number {
    const row = this.#rowOf[slot]!;
    return this.#changed.size > 0 && this.#changed.has(row) ? -1 : row;
  }

  *#sort(): Generator<void> {
    const rows = this.#rows;
    const sketch = this.#sketch;
    const count = rows.end;
    this.#sorted = count;
    const centres = blocksFrom(0, Math.ceil((CELLS_PER_ROOT * Math.sqrt(count)) / BLOCK));
    // Each cell ends with a whole block.
    if (!sketch.reserve(count + BLOCK * BLOCK * (centres.length + 1))) return;
    sketch.learn(rows);
    yield* learnCentres(sketch, rows, centres);
    const cellOf = new Int32Array(count);
    const sizes = new Int32Array(BLOCK * centres.length);
    for (let row = 0; row < count; row++) {
      cellOf[row] = nearestCentre(sketch, rows, row, centres);
      sizes[cellOf[row]!]!++;
      yield;
    }
    const starts = Int32Array.of(centres.length, ...sizes);
    for (let cell = 0; cell < sizes.length; cell++) {
      starts[cell + 1] = starts[cell]! + Math.ceil(sizes[cell]! / BLOCK);
    }
    this.#rowOf = new Int32Array(BLOCK * starts.at(-1)!).fill(-1);
    const next = starts.map((block) => BLOCK * block);
    for (let row = 0; row < count; row++) {
      const slot = next[cellOf[row]!]!++;
      this.#rowOf[slot] = row;
      sketch.put(slot, rows, row);
      yield;
    }
    this.#centres = centres;
    this.#chosen = new Int32Array(starts.at(-1)!);
    this.#starts = starts;
  }
}
