import {createFilterKernel, type FilterKernel, grow} from './kernel.js';
import type {Metric, Query} from './metric.js';
import {CODE_MAX, quantize, type VectorRows} from './vector-rows.js';

// How a scan of int8 codes gives exact results. With x̂ for the decoded codes of a row x, and q̂ for
// those of the query, the Cauchy–Schwarz inequality gives
//   q·x ≤ q̂·x̂ + ‖q‖·‖x − x̂‖ + ‖q − q̂‖·‖x̂‖,
// where ‖x − x̂‖ is known when x is encoded and ‖q − q̂‖ ≤ ‖q‖·√d / 2Q for a query in steps of 1/Q of
// its largest number. The kernel computes that bound, and only rows whose bound reaches the worst of
// the best so far are scored in full: some hundreds of 100 000. None can be missed.

/** Most rows of one `scan`. */
export const MAX_BLOCK = 8192;
/** What float32 arithmetic may lose of the bound, relative to the norms: some roundings of 2⁻²⁴. */
const ROUNDING = 2e-6;
const QUERY_MAX = 32767;
const INT32_MAX = 2 ** 31 - 1;
/** Norms outside of this, products of which float32 cannot hold, are not bounded but passed on. */
const [TINY, HUGE] = [1e-15, 1e15];
/** Bytes before the codes of a row: scale, slack, bias, and 4 unused. */
const ROW_HEAD_BYTES = 16;
/** Room for the numbers of rows, and for the partner of the last. */
const LIST_BYTES = 4 * MAX_BLOCK + 16;

/** The int8 codes of rows in the memory of a kernel, for one metric. */
export class RowFilter {
  readonly #kernel: FilterKernel;
  readonly #metric: Metric;
  readonly #dimension: number;
  readonly #stride: number;
  readonly #rowsStart: number;
  readonly #querySteps: number;
  /** Rows that are encoded: those before it. */
  #encoded = 0;
  #queryScale = 0;
  #queryNorm = 0;

  private constructor(kernel: FilterKernel, metric: Metric, dimension: number) {
    const padded = Math.ceil(dimension / 16) * 16;
    this.#kernel = kernel;
    this.#metric = metric;
    this.#dimension = dimension;
    this.#stride = ROW_HEAD_BYTES + padded;
    this.#rowsStart = LIST_BYTES + 2 * padded;
    this.#querySteps = Math.min(QUERY_MAX, Math.floor(INT32_MAX / (CODE_MAX * padded)));
  }

  /** A filter without rows; undefined where kernels do not run or rows are too long for one. */
  static create(metric: Metric, dimension: number): RowFilter | undefined {
    if (dimension > INT32_MAX / CODE_MAX ** 2) return undefined;
    const kernel = createFilterKernel();
    return kernel && new RowFilter(kernel, metric, dimension);
  }

  /** How many rows are encoded. */
  get encoded(): number {
    return this.#encoded;
  }

  /** Encodes the rows before number `end` that are not yet; false where memory ran out. */
  encode(rows: VectorRows, end: number): boolean {
    if (!this.#reserve(end)) return false;
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
  }

  /** Makes `query` the one that `scan` compares with; false where its size forbids it. */
  begin({data, norm}: Query): boolean {
    if (this.#metric !== 'cosine' && isWild(norm)) return false;
    // A cosine does not know lengths, so the query is taken as one of length 1.
    const length = this.#metric === 'cosine' && norm > 0 ? norm : 1;
    let most = 0;
    for (const value of data) most = Math.max(most, Math.abs(value));
    const step = most / this.#querySteps;
    const codes = new Int16Array(this.#kernel.memory.buffer, LIST_BYTES, this.#dimension);
    for (let i = 0; i < codes.length; i++) codes[i] = most > 0 ? Math.round(data[i]! / step) : 0;
    this.#queryScale = step / length;
    this.#queryNorm = norm / length;
    return true;
  }

  /** Those of `count` rows from number `from` on whose score may reach `threshold`: as `scan`. */
  scanRange(from: number, count: number, threshold: number): Int32Array {
    const list = this.list();
    for (let i = 0; i < count; i++) list[i] = from + i;
    return this.scan(count, threshold);
  }

  /** Where to write the numbers of rows for `scan`, MAX_BLOCK at most. */
  list(): Int32Array {
    return new Int32Array(this.#kernel.memory.buffer, 0, MAX_BLOCK);
  }

  /**
   * Those of the first `count` rows of the list, all encoded, whose score may reach `threshold`: a view
   * that the next call overwrites.
   */
  scan(count: number, threshold: number): Int32Array {
    const {memory, scan} = this.#kernel;
    const [list, query] = [0, LIST_BYTES];
    const bound = this.#bound(threshold);
    const kept =
      count > 0
        ? scan(
            this.#rowsStart,
            list,
            count,
            this.#stride,
            query,
            this.#queryScale,
            this.#queryNorm,
            bound,
          )
        : 0;
    return new Int32Array(memory.buffer, list, kept);
  }

  // The kernel's side of a threshold, rounded down. With d for the distance and v for what the kernel
  // bounds, q·x − ‖x‖² / 2: d² = ‖q‖² − 2v.
  #bound(threshold: number): number {
    if (this.#metric !== 'euclidean') return threshold - ROUNDING * Math.abs(threshold) - TINY;
    if (threshold > 0) return Infinity;
    const squares = [this.#queryNorm ** 2, threshold ** 2] as const;
    if (squares[1] === Infinity) return -Infinity;
    return (squares[0] - squares[1]) / 2 - ROUNDING * (squares[0] + squares[1]) - TINY;
  }

  #encodeRow(rows: VectorRows, row: number): void {
    const {buffer} = this.#kernel.memory;
    const address = this.#rowsStart + row * this.#stride;
    const head = new Float32Array(buffer, address, 3);
    const norm = rows.norms[row]!;
    if (rows.isDead(row)) {
      head.set([0, 0, -Infinity]);
      return;
    }
    if (this.#metric !== 'cosine' && isWild(norm)) {
      head.set([0, 0, Infinity]);
      return;
    }
    const codes = new Int8Array(buffer, address + ROW_HEAD_BYTES, this.#dimension);
    const {scale, residual} = quantize(rows.data, row * this.#dimension, codes);
    const decodedNorm = norm + residual;
    const queryError = Math.sqrt(this.#dimension) / (2 * this.#querySteps);
    const length = this.#metric === 'cosine' && norm > 0 ? norm : 1;
    head[0] = scale / length;
    head[1] = (residual + decodedNorm * (queryError + ROUNDING)) / length;
    head[2] = this.#metric === 'euclidean' ? (-(norm ** 2) / 2) * (1 - ROUNDING) : 0;
  }

  #reserve(rows: number): boolean {
    return grow(this.#kernel.memory, this.#rowsStart, rows * this.#stride);
  }
}

function isWild(norm: number): boolean {
  return norm > HUGE || (norm > 0 && norm < TINY);
}
