import {createQuery} from '../search/metric.js';
import {RowSearch} from '../search/row-search.js';
import {TopK} from '../search/top-k.js';
import {VectorRows} from '../search/vector-rows.js';

/** The nearest of each row, nearest first, without itself: `count` numbers a row. */
export interface Neighbours {
  readonly count: number;
  readonly rows: Int32Array;
  readonly distances: Float32Array;
}

/** How a layout is computed. */
export interface UmapOptions {
  /** Rounds over all edges; default 300 up to 5 000 points, else 200. */
  readonly epochs?: number | undefined;
  /** Of the sampling: the same gives the same map. Default 0. */
  readonly seed?: number | undefined;
}

// The curve 1 / (1 + a·d²ᵇ) that is nearest to "1 up to 0.5, then e^−(d − 0.5)": a minimal distance of 0.5, at
// which points lie beside each other. At 0.1, UMAP's own default, pictures of a group cover each other.
const A = 0.5830300199950147;
const B = 1.3341669931033755;
/** Points that are pushed away for each that is pulled near. */
const NEGATIVES = 5;
/** No step of one epoch moves a point further than this, along either axis. */
const MAX_STEP = 4;
/** Side of the square in which the layout begins. */
const FIRST_SIDE = 10;
const [MANY, LONG, SHORT] = [5000, 300, 200];
/** Entries of the tables of forces: a power for each of millions of pairs would take five times as long. */
const ENTRIES = 1 << 13;
const BISECTIONS = 64;
const TOLERANCE = 1e-5;

/**
 * Uniform manifold approximation and projection (McInnes, Healy and Melville 2018): neighbours pull each
 * other near, everybody else is pushed away. It begins with positions of its caller, so that the large
 * order is theirs, and is the same for the same seed.
 *
 * @example
 * const umap = new Umap(neighbours, projectRows(rows, plane));
 * while (umap.step()) show(umap.positions, umap.ratio);
 */
export class Umap {
  /** Two numbers a point, in no particular frame. */
  readonly positions: Float32Array;
  readonly #epochs: number;
  readonly #edges: Edges;
  /** The epoch in which each edge is used next. */
  readonly #next: Float32Array;
  #epoch = 0;
  #random: number;

  constructor(neighbours: Neighbours, start: Float32Array, {epochs, seed = 0}: UmapOptions = {}) {
    const count = start.length / 2;
    this.#epochs = epochs ?? (count <= MANY ? LONG : SHORT);
    this.#edges = edgesOf(neighbours, this.#epochs);
    this.#next = this.#edges.interval.slice();
    // Xorshift stands still at 0.
    this.#random = (Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995) | 1;
    this.positions = scaled(start, () => this.#uniform());
  }

  /** Share of the work that is done, 0..1. */
  get ratio(): number {
    return this.#epochs === 0 ? 1 : this.#epoch / this.#epochs;
  }

  /** One round over the edges that are due; whether there are more to come. */
  step(): boolean {
    if (this.#epoch >= this.#epochs) return false;
    const {from, to, interval} = this.#edges;
    const pace = 1 - this.#epoch / this.#epochs;
    this.#epoch++;
    for (let edge = 0; edge < from.length; edge++) {
      if (this.#next[edge]! > this.#epoch) continue;
      this.#next[edge]! += interval[edge]!;
      this.#pull(from[edge]!, to[edge]!, pace);
      this.#push(from[edge]!, pace);
      this.#push(to[edge]!, pace);
    }
    return this.#epoch < this.#epochs;
  }

  #pull(i: number, j: number, pace: number): void {
    const p = this.positions;
    const [x, y] = [p[2 * i]! - p[2 * j]!, p[2 * i + 1]! - p[2 * j + 1]!];
    const squared = x * x + y * y;
    if (squared === 0) return;
    const force = PULL[entryOf(squared)]!;
    const [dx, dy] = [pace * bounded(force * x), pace * bounded(force * y)];
    p[2 * i]! += dx;
    p[2 * i + 1]! += dy;
    p[2 * j]! -= dx;
    p[2 * j + 1]! -= dy;
  }

  #push(i: number, pace: number): void {
    const p = this.positions;
    const count = p.length / 2;
    for (let n = 0; n < NEGATIVES; n++) {
      const j = Math.floor(this.#uniform() * count);
      if (j === i) continue;
      const [x, y] = [p[2 * i]! - p[2 * j]!, p[2 * i + 1]! - p[2 * j + 1]!];
      const squared = x * x + y * y;
      const force = PUSH[entryOf(squared)]!;
      // Two at the same place part in some direction.
      p[2 * i]! += pace * (x === 0 ? this.#uniform() - 0.5 : bounded(force * x));
      p[2 * i + 1]! += pace * (y === 0 ? this.#uniform() - 0.5 : bounded(force * y));
    }
  }

  // Marsaglia's xorshift: millions are drawn, and none of them matters.
  #uniform(): number {
    let word = this.#random;
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    this.#random = word;
    return (word >>> 0) / 2 ** 32;
  }
}

// Squared distances 0..∞ on the entries of a table, the short ones far apart.
function entryOf(squared: number): number {
  return Math.floor((squared / (1 + squared)) * ENTRIES);
}

function tableOf(force: (squared: number) => number): Float64Array {
  return Float64Array.from({length: ENTRIES + 1}, (_, i) => {
    const share = Math.min((i + 0.5) / ENTRIES, 1 - 0.1 / ENTRIES);
    return force(share / (1 - share));
  });
}

const PULL = tableOf((squared) => {
  const power = Math.pow(squared, B);
  return (-2 * A * B * power) / (squared * (1 + A * power));
});
const PUSH = tableOf((squared) => (2 * B) / ((0.001 + squared) * (1 + A * Math.pow(squared, B))));

interface Edges {
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Epochs between two uses: 1 for the strongest. */
  readonly interval: Float32Array;
}

// The fuzzy union of what each point says of its neighbours; what is too weak to be used once goes.
function edgesOf({count, rows, distances}: Neighbours, epochs: number): Edges {
  const points = count === 0 ? 0 : rows.length / count;
  const strengths = new Float32Array(rows.length);
  for (let i = 0; i < points; i++) strengthsOf(distances, i * count, count, strengths);
  const found: {from: number; to: number; strength: number}[] = [];
  for (let i = 0; i < points; i++) {
    for (let n = 0; n < count; n++) {
      const j = rows[i * count + n]!;
      const back = indexOf(rows, j * count, count, i);
      // The pair is there from the other side.
      if (back >= 0 && j < i) continue;
      const [a, b] = [strengths[i * count + n]!, back < 0 ? 0 : strengths[back]!];
      found.push({from: i, to: j, strength: a + b - a * b});
    }
  }
  const most = found.reduce((top, {strength}) => Math.max(top, strength), 0);
  const kept = found.filter(({strength}) => strength * epochs >= most);
  return {
    from: Int32Array.from(kept, ({from}) => from),
    to: Int32Array.from(kept, ({to}) => to),
    interval: Float32Array.from(kept, ({strength}) => most / strength),
  };
}

// How strongly a point is tied to each neighbour: e^−(d − nearest) / σ, σ such that they add to log₂ k.
function strengthsOf(
  distances: Float32Array,
  start: number,
  count: number,
  into: Float32Array,
): void {
  const own = distances.subarray(start, start + count);
  const nearest = own.find((distance) => distance > 0) ?? 0;
  const wanted = Math.log2(count + 1);
  const mean = own.reduce((sum, distance) => sum + distance, 0) / count;
  let [low, high, sigma] = [0, Infinity, 1];
  for (let i = 0; i < BISECTIONS; i++) {
    let sum = 0;
    for (const distance of own) sum += Math.exp(-Math.max(0, distance - nearest) / sigma);
    if (Math.abs(sum - wanted) < TOLERANCE) break;
    if (sum > wanted) high = sigma;
    else low = sigma;
    sigma = high === Infinity ? sigma * 2 : (low + high) / 2;
  }
  sigma = Math.max(sigma, 1e-3 * mean, Number.MIN_VALUE);
  own.forEach((distance, n) => {
    into[start + n] = Math.exp(-Math.max(0, distance - nearest) / sigma);
  });
}

function indexOf(rows: Int32Array, start: number, count: number, wanted: number): number {
  for (let at = start; at < start + count; at++) if (rows[at] === wanted) return at;
  return -1;
}

// Points at the same place would stay together for ever.
function scaled(start: Float32Array, uniform: () => number): Float32Array {
  const most = start.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
  const scale = most === 0 ? 0 : FIRST_SIDE / most;
  return start.map((value) => value * scale + 1e-3 * (uniform() - 0.5));
}

function bounded(step: number): number {
  return Math.max(-MAX_STEP, Math.min(MAX_STEP, step));
}

/** Rows between two pauses. */
const BLOCK = 64;

/**
 * The `count` nearest rows of each: exact, by the search that `VectorIndex` has. Rows of length 1 are
 * compared by cosine, which is the same order and faster among many; the distances are Euclidean. Yields the share that is done, 0..1, so that a caller can pause or stop.
 */
export function* neighbourSteps(
  data: Float32Array,
  dimension: number,
  count: number,
  isUnit = false,
): Generator<number, Neighbours> {
  const points = data.length / dimension;
  const ids = Array.from({length: points}, (_, i) => String(i));
  const rows = VectorRows.around(dimension, data, ids, []);
  const search = new RowSearch(rows);
  const found = {
    count,
    rows: new Int32Array(points * count),
    distances: new Float32Array(points * count),
  };
  for (let i = 0; i < points; i++) {
    const top = new TopK(count);
    search.nearest(
      createQuery(isUnit ? 'cosine' : 'euclidean', rows.view(i)),
      top,
      (row) => row !== i,
    );
    top.sorted().forEach(({row, score}, n) => {
      found.rows[i * count + n] = row;
      found.distances[i * count + n] = isUnit ? Math.sqrt(Math.max(0, 2 - 2 * score)) : -score;
    });
    if (i % BLOCK === 0) yield i / points;
  }
  return found;
}
