import {BLOCK, blocksFrom, Sketch} from './sketch.js';
import type {SketchBlocks} from './sketch-search.js';
import type {VectorRows} from './vector-rows.js';

/** With so many times the rows that it has learned from, a sketch learns anew. */
const RELEARN = 4;

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

  /** All rows that are encoded. */
  all(): SketchBlocks {
    const end = this.#encoded;
    const count = Math.ceil(end / BLOCK);
    if (this.#blocks.length !== count) this.#blocks = blocksFrom(0, count);
    return {sketch: this.sketch, blocks: this.#blocks, rowOf: (slot) => (slot < end ? slot : -1)};
  }
}
