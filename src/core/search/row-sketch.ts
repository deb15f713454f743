import {Codebook, groupsOf} from './codebook.js';
import {createSketchKernel, grow, type SketchKernel} from './kernel.js';
import type {Query} from './metric.js';
import type {VectorRows} from './vector-rows.js';

// A first look at rows that reads a quarter of the bytes that the filter reads. With x̂ for the decoded
// codes of a unit row x, the cosine with a query q of length 1 is
//   q·x ≤ q·x̂ + ‖x − x̂‖,
// the last known when x is encoded. q·x̂ is a sum of what tables say that are made for each query, in
// whole steps, rounded up. So the sum of a row, in steps, is an upper bound of its score.

/** Rows of one block of codes. */
const BLOCK = 16;
/** Bytes of a table, and tables that are averaged. */
const [TABLE_BYTES, GROUP] = [16, 8];
const SLACK_BYTES = 32;
/** Sums of more would not fit 16 bits. */
const MAX_DIMENSION = 2048;
/** One less than a byte holds, because sums of two roundings may exceed it. */
const ENTRY_MAX = 254;
const SUM_MAX = 65535;
/** A number that is cut off after this was added is rounded up, but for less than ROUNDING. */
const ALMOST_ONE = 1 - 1e-9;
const CODE_MAX = 7;
/** More than float64 loses of a cosine. */
const ROUNDING = 1e-6;
/** With so many times the rows that it has learned from, a codebook learns anew. */
const RELEARN = 4;
/** Parts of the rows whose 8 greatest sums are known. */
const PARTS = 32;

/** The sketches of rows, by cosine. */
export class RowSketch {
  readonly #kernel: SketchKernel;
  readonly #groups: number;
  readonly #blockBytes: number;
  readonly #codesStart: number;
  readonly #slopes: Float64Array;
  #codebook: Codebook | undefined;
  #learned = 0;
  #encoded = 0;
  #capacity = 0;
  /** What the bound of a row is: base + step · sum. */
  #base = 0;
  #step = 1;
  #parts = 0;

  private constructor(kernel: SketchKernel, dimension: number) {
    this.#kernel = kernel;
    this.#slopes = new Float64Array(4 * Math.ceil(dimension / 4));
    this.#groups = groupsOf(dimension);
    this.#blockBytes = BLOCK * ((GROUP / 2) * this.#groups + 1);
    this.#codesStart = this.#groups * GROUP * TABLE_BYTES + SLACK_BYTES;
  }

  /** Sketches of no rows; undefined where kernels do not run or rows are too long for one. */
  static create(dimension: number): RowSketch | undefined {
    if (dimension > MAX_DIMENSION) return undefined;
    const kernel = createSketchKernel();
    return kernel && new RowSketch(kernel, dimension);
  }

  /** How many rows are encoded. */
  get encoded(): number {
    return this.#encoded;
  }

  /** Encodes up to `more` rows that are not yet; false where memory ran out. */
  encode(rows: VectorRows, more: number): boolean {
    if (!this.#codebook || rows.end > RELEARN * this.#learned) {
      this.#codebook = new Codebook(rows);
      this.#learned = rows.end;
      this.#encoded = 0;
    }
    if (!this.#reserve(rows.end)) return false;
    const end = Math.min(rows.end, this.#encoded + more);
    for (; this.#encoded < end; this.#encoded++) this.#encodeRow(rows, this.#encoded);
    return true;
  }

  /** Encodes a row anew that has changed. */
  refresh(rows: VectorRows, row: number): void {
    if (row < this.#encoded) this.#encodeRow(rows, row);
  }

  /** Forgets every row. */
  clear(): void {
    this.#encoded = 0;
    this.#codebook = undefined;
  }

  /** Sums up for every row what the codes say of a query that is not zero. */
  begin({data, norm}: Query): void {
    this.#makeTables(data, norm);
    const {memory, sum} = this.#kernel;
    const slacks = this.#codesStart - SLACK_BYTES;
    const bytes = new Uint8Array(memory.buffer, slacks, SLACK_BYTES);
    for (let i = 0; i < 16; i++) {
      const steps = Math.ceil(this.#codebook!.errors[i]! / this.#step);
      const entry = Math.max(1, Math.min(SUM_MAX, steps));
      bytes[i] = entry & 255;
      bytes[16 + i] = entry >> 8;
    }
    const blocks = Math.ceil(this.#encoded / BLOCK);
    const part = Math.ceil(blocks / PARTS);
    this.#parts = 0;
    for (let from = 0; from < blocks; from += part) {
      sum(
        this.#codesStart + from * this.#blockBytes,
        Math.min(part, blocks - from),
        ...([0, this.#groups, slacks] as const),
        this.#sumsStart + 2 * BLOCK * from,
        this.#bestStart + 16 * this.#parts++,
      );
    }
    // Of the last block, what is no row.
    const rest = this.#sumsStart + 2 * this.#encoded;
    new Uint16Array(memory.buffer, rest, blocks * BLOCK - this.#encoded).fill(0);
  }

  /** A sum that at least `count` rows reach, and hardly more; undefined where so many are not known. */
  likely(count: number): number | undefined {
    const {buffer} = this.#kernel.memory;
    const best = new Uint16Array(buffer, this.#bestStart, 8 * this.#parts);
    if (count < 1 || 2 * count > best.length) return undefined;
    const greatest = new Uint16Array(count);
    for (const sum of best) {
      if (sum <= greatest[0]!) continue;
      let place = 0;
      while (place + 1 < count && greatest[place + 1]! < sum) {
        greatest[place] = greatest[place + 1]!;
        place++;
      }
      greatest[place] = sum;
    }
    return greatest[0];
  }

  /** The sum of whatever scores at least `threshold`. */
  least(threshold: number): number {
    const steps = Math.ceil((threshold - ROUNDING - this.#base) / this.#step);
    return Math.max(1, Math.min(SUM_MAX, steps));
  }

  /**
   * The rows of `count` from number `from` on (a multiple of 16) whose sum is at least `least`: a view
   * that the next call overwrites.
   */
  collect(from: number, count: number, least: number): Int32Array {
    const {memory, collect} = this.#kernel;
    const list = this.#listStart;
    const found = collect(this.#sumsStart + 2 * from, Math.ceil(count / BLOCK), from, least, list);
    return new Int32Array(memory.buffer, list, found);
  }

  /** Takes a row out of what this query collects. */
  drop(row: number): void {
    new Uint16Array(this.#kernel.memory.buffer, this.#sumsStart + 2 * row, 1)[0] = 0;
  }

  // Codes count steps, and a number of the query makes each step so much of a score. Entries are 0 to
  // ENTRY_MAX, in parts of a score that suit the table that spans most.
  #makeTables(data: Float32Array, norm: number): void {
    const {origins, steps} = this.#codebook!;
    const slopes = this.#slopes;
    const {length} = data;
    let [base, most] = [0, 0];
    for (let i = 0; i < length; i++) {
      const value = data[i]! / norm;
      const slope = value * steps[i]!;
      slopes[i] = slope;
      base += value * origins[i]! + (slope < 0 ? CODE_MAX * slope : 0);
    }
    for (let i = 0; i < length; i += 4) {
      const last = Math.abs(slopes[i + 3]!);
      for (let j = 0; j < 3; j++) {
        const span = CODE_MAX * Math.abs(slopes[i + j]!) + (4 >> j) * last;
        if (span > most) most = span;
      }
    }
    const unit = most > 0 ? most / ENTRY_MAX : ROUNDING;
    const tables = new Uint8Array(this.#kernel.memory.buffer, 0, this.#codesStart - SLACK_BYTES);
    for (let i = 0, at = 0; i < length; i += 4) {
      for (let j = 0; j < 3; j++, at += TABLE_BYTES) {
        const own = slopes[i + j]! / unit;
        const bit = ((4 >> j) * slopes[i + 3]!) / unit;
        let low = (own < 0 ? -CODE_MAX * own : 0) + (bit < 0 ? -bit : 0) + ALMOST_ONE;
        // Adds up to what is rounded up by cutting off.
        for (let code = 0; code < 8; code++, low += own) {
          tables[at + code] = low;
          tables[at + 8 + code] = low + bit;
        }
      }
    }
    this.#base = base;
    this.#step = GROUP * unit;
  }

  #encodeRow(rows: VectorRows, row: number): void {
    const bytes = new Uint8Array(this.#kernel.memory.buffer);
    const block = this.#codesStart + Math.floor(row / BLOCK) * this.#blockBytes;
    const at = block + (row % BLOCK);
    const error = this.#codebook!.encode(rows, row, bytes, at, BLOCK);
    bytes[at + this.#blockBytes - BLOCK] = this.#codebook!.rangeOf(error);
  }

  get #sumsStart(): number {
    return this.#codesStart + this.#capacity * this.#blockBytes;
  }

  get #listStart(): number {
    return this.#sumsStart + this.#capacity * 2 * BLOCK;
  }

  get #bestStart(): number {
    return this.#listStart + this.#capacity * 4 * BLOCK;
  }

  #reserve(rows: number): boolean {
    const blocks = Math.ceil(rows / BLOCK);
    if (blocks <= this.#capacity) return true;
    const bytes = this.#blockBytes + 6 * BLOCK;
    const rest = this.#codesStart + 16 * PARTS;
    if (!grow(this.#kernel.memory, rest, blocks * bytes)) return false;
    this.#capacity = Math.floor((this.#kernel.memory.buffer.byteLength - rest) / bytes);
    return true;
  }
}
