import type {Query} from './metric.js';

// Three bits a number: of eight even steps around the mean that the number has among the rows, as wide
// as loses least of a normal distribution (Max 1960). Of others they lose more; how much a row has
// lost is measured, so that nothing depends on it.

/** Width of a step, in standard deviations. */
const STEP = 0.586;
/** Steps below the mean. */
const MIDDLE = 4;
/** Tables whose entries are averaged. */
export const GROUP = 8;
/** The greatest code. */
export const CODE_MAX = 7;
/** Rows that are looked at to learn from. */
const SAMPLE = 2048;
/** Ends of the last ranges of error but one, relative to the most that a row of the sample has lost. */
const RARE = [1, 1.1, 1.3] as const;
/** Ranges of errors. */
const RANGES = 16;

/** Bytes of a table. */
export const TABLE_BYTES = 16;
/** More than is lost of a cosine by float64, and by what is not quite rounded up. */
export const ROUNDING = 1e-6;
/** One less than a byte holds, because a sum of two products may be rounded past it. */
const ENTRY_MAX = 254;
/** A number that is cut off after this was added is rounded up. */
const ALMOST_ONE = 1 - 1e-9;

/** Rows of numbers, and their Euclidean norms. */
export interface RowNumbers {
  readonly dimension: number;
  readonly end: number;
  readonly data: Float32Array;
  readonly norms: Float64Array;
}

/** How unit vectors are coded in 3 bits a number. */
export class Codebook {
  /** What the code 0 stands for. */
  readonly origins: Float64Array;
  /** What a code more stands for. */
  readonly steps: Float64Array;
  /** Upper ends of the ranges of errors. */
  readonly errors = new Float64Array(RANGES);
  readonly #dimension: number;
  readonly #inverses: Float64Array;
  readonly #codes: Uint8Array;

  /** Learns from an even choice of the rows. */
  constructor(rows: RowNumbers) {
    const {dimension, end} = rows;
    this.#dimension = dimension;
    this.#codes = new Uint8Array(4 * Math.ceil(dimension / 4));
    this.#inverses = new Float64Array(dimension);
    this.origins = new Float64Array(dimension);
    this.steps = new Float64Array(dimension);
    const apart = Math.max(1, Math.floor(end / SAMPLE));
    const sample = Array.from({length: Math.ceil(end / apart)}, (_, i) => i * apart);
    this.#learnSteps(rows, sample);
    this.#learnErrors(sample.map((row) => this.#quantize(rows, row)));
  }

  /**
   * Writes the codes of a row, made a unit vector, `stride` bytes from one to the next; how far the
   * decoded codes are from it. Of four numbers, three have a table each, 8 entries for their own code;
   * one bit of the code of the fourth chooses between the halves of each, the highest that of the first.
   */
  encode(rows: RowNumbers, row: number, out: Uint8Array, at: number, stride: number): number {
    const codes = this.#codes;
    const error = this.#quantize(rows, row);
    let [place, isLow] = [at, true];
    for (let i = 0; i < this.#dimension; i += 4) {
      for (let j = 0; j < 3; j++, isLow = !isLow) {
        const entry = codes[i + j]! | (((codes[i + 3]! << j) & 4) << 1);
        if (isLow) {
          out[place] = entry;
        } else {
          out[place]! |= entry << 4;
          place += stride;
        }
      }
    }
    return error;
  }

  /** The range of an error. */
  rangeOf(error: number): number {
    let range = 0;
    while (error > this.errors[range]!) range++;
    return range;
  }

  // Into `#codes`.
  #quantize(rows: RowNumbers, row: number): number {
    const {origins, steps} = this;
    const inverses = this.#inverses;
    const codes = this.#codes;
    const {data} = rows;
    const start = row * this.#dimension;
    const unit = inverse(rows.norms[row]!);
    let sum = 0;
    for (let i = 0; i < this.#dimension; i++) {
      const value = data[start + i]! * unit - origins[i]!;
      const nearest = Math.floor(value * inverses[i]! + 0.5);
      const code = nearest > 0 ? (nearest < CODE_MAX ? nearest : CODE_MAX) : 0;
      const error = value - code * steps[i]!;
      codes[i] = code;
      sum += error * error;
    }
    return Math.sqrt(sum);
  }

  #learnSteps(rows: RowNumbers, sample: readonly number[]): void {
    const {origins: sums, steps: squares} = this;
    for (const row of sample) {
      const unit = inverse(rows.norms[row]!);
      const start = row * this.#dimension;
      for (let i = 0; i < this.#dimension; i++) {
        const value = rows.data[start + i]! * unit;
        sums[i]! += value;
        squares[i]! += value * value;
      }
    }
    for (let i = 0; i < this.#dimension; i++) {
      const mean = sums[i]! / sample.length;
      const variance = squares[i]! / sample.length - mean ** 2;
      this.steps[i] = STEP * Math.sqrt(Math.max(0, variance));
      this.origins[i] = mean + (0.5 - MIDDLE) * this.steps[i]!;
      this.#inverses[i] = inverse(this.steps[i]!);
    }
  }

  // As many rows of the sample to each range, then what is rare, then what cannot be more.
  #learnErrors(found: number[]): void {
    found.sort((a, b) => a - b);
    const common = RANGES - RARE.length - 1;
    for (let i = 0; i < common; i++) {
      this.errors[i] = found[Math.floor(((i + 1) * found.length) / (common + 1))]!;
    }
    RARE.forEach((factor, i) => (this.errors[common + i] = factor * found.at(-1)!));
    const most = Math.hypot(...this.origins) + CODE_MAX * Math.hypot(...this.steps);
    this.errors[RANGES - 1] = 1.001 + most;
  }
}

/** Groups of tables of 16 entries that code rows. */
export function groupsOf(dimension: number): number {
  return Math.ceil((3 * Math.ceil(dimension / 4)) / GROUP);
}

function inverse(value: number): number {
  return value > 0 ? 1 / value : 0;
}

/**
 * Writes what the codes of rows add to their cosine with a query: an entry for each of the 16 values of
 * each half byte, in steps that are `GROUP` times finer than those of a sum, rounded up. The cosine of
 * what the codes of a row stand for is at most base + step · the sum of the averages of its groups.
 */
export function writeTables(
  tables: Uint8Array,
  {data, norm}: Query,
  {origins, steps}: Codebook,
): {readonly base: number; readonly step: number} {
  const {length} = data;
  // How much a code more adds.
  const slopes = new Float64Array(4 * Math.ceil(length / 4));
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
      most = Math.max(most, CODE_MAX * Math.abs(slopes[i + j]!) + (4 >> j) * last);
    }
  }
  const unit = most > 0 ? most / ENTRY_MAX : ROUNDING;
  for (let i = 0, at = 0; i < length; i += 4) {
    for (let j = 0; j < 3; j++, at += TABLE_BYTES) {
      const own = slopes[i + j]! / unit;
      const bit = ((4 >> j) * slopes[i + 3]!) / unit;
      // Beginning where the least entry is 0, which `base` has taken into account.
      let low = (own < 0 ? -CODE_MAX * own : 0) + (bit < 0 ? -bit : 0) + ALMOST_ONE;
      for (let code = 0; code <= CODE_MAX; code++, low += own) {
        tables[at + code] = low;
        tables[at + 8 + code] = low + bit;
      }
    }
  }
  return {base, step: GROUP * unit};
}
