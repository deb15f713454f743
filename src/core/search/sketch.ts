import {
  Codebook,
  GROUP,
  groupsOf,
  ROUNDING,
  type RowNumbers,
  TABLE_BYTES,
  writeTables,
} from './codebook.js';
import {createSketchKernel, grow, type SketchKernel} from './kernel.js';
import type {Query} from './metric.js';

// A first look at rows that reads a third of the bytes that the filter reads. With x̂ for the decoded
// codes of a unit row x, the cosine with a query q of length 1 is
//   q·x ≤ q·x̂ + ‖x − x̂‖,
// the last known when x is encoded. q·x̂ is a sum of what tables say that are made for each query, in
// whole steps, rounded up. So the sum of a row, in steps, is an upper bound of its score.

/** Rows of one block of codes. */
export const BLOCK = 16;
const ERROR_BYTES = 32;
/** Sums of more would not fit 16 bits. */
const MAX_DIMENSION = 2048;
const SUM_MAX = 65535;
/** Parts of the sums, of each of which the greatest are known: 8 of 2 bytes. */
const PARTS = 32;
const BEST_BYTES = 16;

/** Numbered slots for the codes of rows, compared by cosine. */
export class Sketch {
  readonly #kernel: SketchKernel;
  readonly #groups: number;
  readonly #blockBytes: number;
  readonly #codesStart: number;
  #codebook: Codebook | undefined;
  /** Blocks of slots that there is room for. */
  #blocks = 0;
  /** Greatest sums that are known. */
  #bests = 0;
  /** The memory, by numbers of 4, 2 and 1 bytes. */
  #words = new Int32Array(0);
  #halves = new Uint16Array(0);
  #bytes = new Uint8Array(0);
  /** What the bound of a row is: base + step · sum. */
  #base = 0;
  #step = 1;

  private constructor(kernel: SketchKernel, dimension: number) {
    this.#kernel = kernel;
    this.#groups = groupsOf(dimension);
    this.#blockBytes = BLOCK * ((GROUP / 2) * this.#groups + 1);
    this.#codesStart = this.#groups * GROUP * TABLE_BYTES + ERROR_BYTES;
  }

  /** Without slots; undefined where kernels do not run or rows are too long for one. */
  static create(dimension: number): Sketch | undefined {
    if (dimension > MAX_DIMENSION) return undefined;
    const kernel = createSketchKernel();
    return kernel && new Sketch(kernel, dimension);
  }

  /** Makes room for slots; false where memory ran out. */
  reserve(slots: number): boolean {
    if (slots <= BLOCK * this.#blocks) return true;
    // Beside the codes: the number of a block, its sums, and their places.
    const bytes = this.#blockBytes + 4 + (2 + 4) * BLOCK;
    const rest = this.#codesStart + BEST_BYTES * PARTS;
    if (!grow(this.#kernel.memory, rest, Math.ceil(slots / BLOCK) * bytes)) return false;
    const {buffer} = this.#kernel.memory;
    this.#blocks = Math.floor((buffer.byteLength - rest) / bytes);
    this.#words = new Int32Array(buffer);
    this.#halves = new Uint16Array(buffer);
    this.#bytes = new Uint8Array(buffer);
    return true;
  }

  /** Learns how to code such rows: those in slots have to be put there anew. */
  learn(rows: RowNumbers): void {
    this.#codebook = new Codebook(rows);
  }

  /** Encodes a row into a slot. */
  put(slot: number, rows: RowNumbers, row: number): void {
    const bytes = this.#bytes;
    const block = this.#codesStart + Math.floor(slot / BLOCK) * this.#blockBytes;
    const at = block + (slot % BLOCK);
    const error = this.#codebook!.encode(rows, row, bytes, at, BLOCK);
    bytes[at + this.#blockBytes - BLOCK] = this.#codebook!.rangeOf(error);
  }

  /** Makes a query, which is not zero, the one that `sum` compares with. */
  aim(query: Query): void {
    const {base, step} = writeTables(this.#bytes, query, this.#codebook!);
    this.#base = base;
    this.#step = step;
    const start = this.#codesStart - ERROR_BYTES;
    this.#codebook!.errors.forEach((error, i) => {
      const sum = Math.max(1, Math.min(SUM_MAX, Math.ceil(error / this.#step)));
      this.#bytes[start + i] = sum & 255;
      this.#bytes[start + BLOCK + i] = sum >> 8;
    });
  }

  /** Sums up the slots of some blocks, whose sums get places in the order of the blocks. */
  sum(blocks: Int32Array): void {
    const {length} = blocks;
    const part = Math.ceil(length / PARTS);
    this.#bests = length > 0 ? (BEST_BYTES / 2) * Math.ceil(length / part) : 0;
    if (length === 0) return;
    this.#words.set(blocks, this.#listStart / 4);
    this.#kernel.sum(
      this.#codesStart,
      this.#blockBytes,
      this.#listStart,
      length,
      0,
      this.#groups,
      this.#codesStart - ERROR_BYTES,
      this.#sumsStart,
      part,
      this.#bestStart,
    );
  }

  /** A sum that at least `count` reach, and hardly more; undefined where so many are not known. */
  likely(count: number): number | undefined {
    if (count < 1 || 2 * count > this.#bests) return undefined;
    const sums = this.#halves;
    const start = this.#bestStart / 2;
    const greatest = new Uint16Array(count);
    for (let i = start; i < start + this.#bests; i++) {
      const sum = sums[i]!;
      if (sum <= greatest[0]!) continue;
      let place = 0;
      for (; place + 1 < count && greatest[place + 1]! < sum; place++) {
        greatest[place] = greatest[place + 1]!;
      }
      greatest[place] = sum;
    }
    return greatest[0];
  }

  /** The least sum that whatever scores at least `threshold` can have. */
  least(threshold: number): number {
    const steps = Math.ceil((threshold - ROUNDING - this.#base) / this.#step);
    return Math.max(1, Math.min(SUM_MAX, steps));
  }

  /**
   * The places of sums of at least `least` in the blocks from the one at `from` on, before `end`: a
   * view that the next call overwrites.
   */
  collect(from: number, end: number, least: number): Int32Array {
    const sums = this.#sumsStart + 2 * BLOCK * from;
    const out = this.#placesStart;
    const found = from < end ? this.#kernel.collect(sums, end - from, BLOCK * from, least, out) : 0;
    return this.#words.subarray(out / 4, out / 4 + found);
  }

  /** Takes a place out of what is collected. */
  drop(place: number): void {
    this.#halves[this.#sumsStart / 2 + place] = 0;
  }

  get #listStart(): number {
    return this.#codesStart + this.#blocks * this.#blockBytes;
  }

  // Sums lie at multiples of 4, as the list does, which suffices for numbers of 2 bytes.
  get #sumsStart(): number {
    return this.#listStart + this.#blocks * 4;
  }

  get #placesStart(): number {
    return this.#sumsStart + this.#blocks * 2 * BLOCK;
  }

  get #bestStart(): number {
    return this.#placesStart + this.#blocks * 4 * BLOCK;
  }
}

/** The numbers of `count` blocks that follow one another. */
export function blocksFrom(first: number, count: number): Int32Array {
  const blocks = new Int32Array(count);
  for (let i = 0; i < count; i++) blocks[i] = first + i;
  return blocks;
}
