import {createQuery, dot, unit} from './metric.js';
import {RowSearch} from './row-search.js';
import {TopK} from './top-k.js';
import {VectorRows} from './vector-rows.js';

// Candidates by meaning for an index that is read in parts. Rows lie in cells, near ones together; a query
// reads the cells whose centroids are nearest to it ("inverted lists": Jégou, Douze and Schmid 2011, and
// what FAISS calls IVF). A row there is one bit a number: the sign of its difference from the cell's mean,
// with a factor that makes the estimate of a product unbiased (RaBitQ, Gao and Long 2024). Estimates only
// choose: what they choose is compared exactly.

/** Rows of cells, and cells, for a root of the number of rows: both grow more slowly than the index. */
const [CELLS_A_ROOT, READ_A_ROOT] = [4, 40];
/** Smaller cells are not worth a request. */
const LEAST_ROWS = 32;
/** Rounds of k-means; more change hardly anything. */
const ROUNDS = 6;
/** The greatest code of a centroid's number: four bits. */
const NIBBLE_MAX = 7;
/** The greatest code of a row's factor. */
const BYTE_MAX = 255;

/** Rows that stand together: their numbers in order, near ones side by side. */
export interface Cell {
  readonly members: readonly number[];
  /** A unit vector: the direction of their mean. */
  readonly centroid: Float32Array;
}

/** What a reader knows of all cells before it reads any. */
export interface CellMap {
  /** Rows of each cell. */
  readonly counts: readonly number[];
  readonly dimension: number;
  /** Centroids, one after the other, about unit length. */
  readonly centroids: Float32Array;
  /** How long the mean of each cell's rows is along its centroid. */
  readonly means: Float32Array;
}

/** A row that may be near: its place among all, and its cosine as far as codes tell it. */
export interface Candidate {
  readonly row: number;
  readonly estimate: number;
}

/** Rows of a query's cells, at least: all of 1 600, more than half of 5 000, 28 % of 20 000. */
export function rowsToRead(count: number): number {
  return Math.min(count, Math.ceil(READ_A_ROOT * Math.sqrt(count)));
}

/**
 * Divides unit vectors into cells by spherical k-means. It begins with an even choice of them: no chance, so
 * that equal pages make equal files.
 */
export function divideIntoCells(rows: Float32Array, dimension: number): Cell[] {
  const count = rows.length / dimension;
  const cells = Math.max(
    1,
    Math.round(Math.min(CELLS_A_ROOT * Math.sqrt(count), count / LEAST_ROWS)),
  );
  const rowOf = (row: number): Float32Array =>
    rows.subarray(row * dimension, (row + 1) * dimension);
  let centroids = Array.from({length: cells}, (_, i) =>
    rowOf(Math.floor(((i + 0.5) * count) / cells)),
  );
  let members: number[][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    members = assign(rows, dimension, centroids).filter((list) => list.length > 0);
    centroids = members.map((list) => direction(list.map(rowOf)));
  }
  return members.map((list, cell) => ({members: chain(list, rowOf), centroid: centroids[cell]!}));
}

/** The rows that are nearest to each centroid. */
function assign(
  rows: Float32Array,
  dimension: number,
  centroids: readonly Float32Array[],
): number[][] {
  const all = new Float32Array(centroids.length * dimension);
  centroids.forEach((centroid, i) => all.set(centroid, i * dimension));
  const ids = centroids.map((_, i) => String(i));
  const search = new RowSearch(VectorRows.around(dimension, all, ids, []));
  const members: number[][] = centroids.map(() => []);
  for (let row = 0; row < rows.length / dimension; row++) {
    const query = createQuery('cosine', rows.subarray(row * dimension, (row + 1) * dimension));
    const top = new TopK(1);
    search.nearest(query, top, () => true);
    members[top.sorted()[0]!.row]!.push(row);
  }
  return members;
}

/** The unit vector of the mean of some. */
function direction(rows: readonly Float32Array[]): Float32Array {
  const sum = new Float32Array(rows[0]!.length);
  for (const row of rows) row.forEach((value, i) => (sum[i]! += value));
  return unit(sum);
}

/** Rows in an order in which each is followed by the nearest of the rest, because they are read by the block. */
function chain(members: readonly number[], rowOf: (row: number) => Float32Array): number[] {
  const left = new Set(members);
  const order: number[] = [];
  let at = members[0];
  while (at !== undefined) {
    order.push(at);
    left.delete(at);
    const here = rowOf(at);
    let most = -Infinity;
    at = undefined;
    for (const row of left) {
      const score = dot(here, rowOf(row), 0);
      if (score > most) [at, most] = [row, score];
    }
  }
  return order;
}

/** The bytes of a centroid: four bits a number. */
export function centroidBytes(dimension: number): number {
  return Math.ceil(dimension / 2);
}

/** Writes a centroid in four bits a number; the step between codes. */
export function packCentroid(centroid: Float32Array, out: Uint8Array): number {
  const most = centroid.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const step = Math.fround(most / NIBBLE_MAX) || 1;
  centroid.forEach((value, i) => {
    const code = Math.round(value / step) + NIBBLE_MAX;
    out[i >> 1]! |= i % 2 === 0 ? code : code << 4;
  });
  return step;
}

/** Reads what `packCentroid` wrote. */
export function unpackCentroid(bytes: Uint8Array, step: number, out: Float32Array): void {
  for (let i = 0; i < out.length; i++) {
    const code = i % 2 === 0 ? bytes[i >> 1]! & 15 : bytes[i >> 1]! >> 4;
    out[i] = (code - NIBBLE_MAX) * step;
  }
}

/** How long the mean of some unit rows is along a centroid. */
export function meanAlong(rows: readonly Float32Array[], centroid: Float32Array): number {
  const length = dot(centroid, centroid, 0) || 1;
  return rows.reduce((sum, row) => sum + dot(centroid, row, 0), 0) / (rows.length * length);
}

/** The bytes of a cell's codes: a float32, then a factor of a byte for each row, then the signs of each. */
export function cellBytes(count: number, dimension: number): number {
  return 4 + count * (1 + Math.ceil(dimension / 8));
}

/** The codes of a cell's unit rows, of which `mean` is about the middle. */
export function encodeCell(rows: readonly Float32Array[], mean: Float32Array): Uint8Array {
  const width = Math.ceil(mean.length / 8);
  const bytes = new Uint8Array(cellBytes(rows.length, mean.length));
  const factors = rows.map((row, at) => {
    let [squares, sizes] = [0, 0];
    row.forEach((value, i) => {
      const rest = value - mean[i]!;
      squares += rest * rest;
      sizes += Math.abs(rest);
      if (rest > 0) bytes[4 + rows.length + at * width + (i >> 3)]! |= 1 << (i & 7);
    });
    return sizes > 0 ? squares / sizes : 0;
  });
  const step = Math.fround(Math.max(...factors) / BYTE_MAX) || 1;
  new DataView(bytes.buffer).setFloat32(0, step, true);
  factors.forEach((factor, at) => (bytes[4 + at] = Math.min(BYTE_MAX, Math.round(factor / step))));
  return bytes;
}

/** A query against cells of rows. */
export class CellQuery {
  readonly #map: CellMap;
  readonly #products: Float64Array;
  /** For each byte of signs, what each of its values adds: a look-up takes the place of eight additions. */
  readonly #tables: Float32Array;
  readonly #unit: Float32Array;

  /** `query` need not be a unit vector. */
  constructor(query: Float32Array, map: CellMap) {
    this.#map = map;
    this.#unit = unit(query);
    this.#products = Float64Array.from(map.counts, (_, cell) =>
      dot(this.#unit, map.centroids, cell * map.dimension),
    );
    this.#tables = signTables(this.#unit);
  }

  /** The cells to read, the nearest first: as many as hold `rows` rows. */
  nearest(rows: number): number[] {
    const {counts} = this.#map;
    const order = counts.map((_, cell) => cell);
    order.sort((a, b) => this.#products[b]! - this.#products[a]! || a - b);
    let sum = 0;
    const end = order.findIndex((cell) => (sum += counts[cell]!) >= rows);
    return end < 0 ? order : order.slice(0, end + 1);
  }

  /** The cosines of a cell's rows by its codes, which are `cellBytes` long; `first` is its first row's place. */
  estimate(cell: number, first: number, codes: Uint8Array): Candidate[] {
    const {counts, means, dimension} = this.#map;
    const count = counts[cell]!;
    const width = Math.ceil(dimension / 8);
    const step = new DataView(codes.buffer, codes.byteOffset).getFloat32(0, true);
    const base = means[cell]! * this.#products[cell]!;
    return Array.from({length: count}, (_, at) => {
      let signs = 0;
      const start = 4 + count + at * width;
      for (let i = 0; i < width; i++) signs += this.#tables[256 * i + codes[start + i]!]!;
      return {row: first + at, estimate: base + codes[4 + at]! * step * signs};
    });
  }
}

function signTables(query: Float32Array): Float32Array {
  const width = Math.ceil(query.length / 8);
  const tables = new Float32Array(256 * width);
  for (let i = 0; i < width; i++) {
    for (let value = 0; value < 256; value++) {
      let sum = 0;
      for (let bit = 0; bit < 8; bit++) {
        const number = query[8 * i + bit] ?? 0;
        sum += (value >> bit) & 1 ? number : -number;
      }
      tables[256 * i + value] = sum;
    }
  }
  return tables;
}
