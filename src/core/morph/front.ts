import {clamp01} from './elementary.js';
import {blur, boxMean, mean} from './filters.js';
import {CELLS} from './plan.js';
import {expand} from './pyramid.js';
import {StructureSimilarity} from './structure.js';
import {halve, opponentColours, type WorkingPicture} from './working-picture.js';

const DIAGONAL = Math.SQRT2;
/** What a cell costs the front at least, and what an edge adds. */
const EVEN_COST = 0.4;
const EDGE_COST = 5 / 6;

/** How much the gain of detail counts beside the way of the front. */
const DETAIL = 0.5;

/**
 * When the front gets to each cell of the halfway domain: a rank, 0 first, 1 last, so that every
 * instant switches the same area. It moves by the geodesic distance from the heart of the foreground
 * that both aligned pictures share, held up by edges: outwards where the second picture has more
 * detail at the heart than around it, else inwards; and it comes earlier where detail is gained, so
 * that on the way there is no less of it than at the ends. The reversed morph runs backwards.
 * CELLS² numbers, in slices.
 */
export function* frontOrder(
  a: WorkingPicture,
  b: WorkingPicture,
  shared: Float32Array,
): Generator<undefined, Float32Array, undefined> {
  const n = CELLS;
  const ofA = edgeStrength(a);
  yield;
  const ofB = edgeStrength(b);
  yield;
  const scale = 1 / (mean(ofA) + mean(ofB) + 0.01);
  const edges = ofA.map((value, i) => scale * (value + ofB[i]!));
  const cost = edges.map((edge) => {
    const e = Math.min(6, edge);
    return (EVEN_COST + EDGE_COST * e * Math.sqrt(Math.sqrt(e))) / n;
  });
  const heart = blur(shared, n, n / 12);
  let source = 0;
  for (let i = 1; i < heart.length; i++) if (heart[i]! > heart[source]!) source = i;
  yield;
  const distance = geodesicDistance(cost, n, source);
  yield;
  const near = ranks(blur(distance, n, 0.8));
  yield;
  const gain = detailGain(a, b);
  yield;
  const outwards = near.reduce((sum, rank, i) => sum + (rank - 0.5) * gain[i]!, 0) <= 0;
  return ranks(near.map((rank, i) => (outwards ? rank : 1 - rank) - DETAIL * gain[i]!));
}

/** Of each value its rank, 0 for the least to 1. */
function ranks(values: Float32Array): Float32Array {
  const byValue = Uint32Array.from(values.keys()).sort((i, j) => values[i]! - values[j]! || i - j);
  const rank = new Float32Array(values.length);
  byValue.forEach((i, place) => {
    rank[i] = place / (values.length - 1);
  });
  return rank;
}

/** How much more detail the second picture has around each cell, −1..1. */
function detailGain(a: WorkingPicture, b: WorkingPicture): Float32Array {
  const n = CELLS;
  const [x, y] = [a, b].map((picture) => {
    const light = opponentColours(picture)[0];
    const low = blur(light, n, 1.5);
    return blur(
      light.map((value, i) => Math.abs(value - low[i]!)),
      n,
      n / 16,
    );
  }) as [Float32Array, Float32Array];
  return x.map((value, i) => (y[i]! - value) / (y[i]! + value + 0.004));
}

/** The colour gradients of a picture, summed over two scales. */
function edgeStrength(picture: WorkingPicture): Float32Array {
  const n = CELLS;
  const sum = new Float32Array(n * n);
  const planes = opponentColours(picture);
  for (const scale of [0.5, 1]) {
    const [light, red, yellow] = planes.map((plane) => blur(plane, n, scale)) as typeof planes;
    for (let y = 1; y < n - 1; y++) {
      for (let i = y * n + 1; i < y * n + n - 1; i++) {
        const square =
          (0.7 * (light[i + 1]! - light[i - 1]!)) ** 2 +
          (0.7 * (light[i + n]! - light[i - n]!)) ** 2 +
          (1.4 * (red[i + 1]! - red[i - 1]!)) ** 2 +
          (1.4 * (red[i + n]! - red[i - n]!)) ** 2 +
          (1.4 * (yellow[i + 1]! - yellow[i - 1]!)) ** 2 +
          (1.4 * (yellow[i + n]! - yellow[i - n]!)) ** 2;
        sum[i] = sum[i]! + Math.sqrt(square) / 2;
      }
    }
  }
  return sum;
}

/** The least cost of a way from `source` to each of n² cells, over eight neighbours (Dijkstra 1959). */
function geodesicDistance(cost: Float32Array, n: number, source: number): Float32Array {
  const distance = new Float64Array(n * n).fill(Infinity);
  const heap = new CellHeap(distance);
  distance[source] = 0;
  heap.push(source);
  for (let i = heap.pop(); i !== undefined; i = heap.pop()) {
    const x = i % n;
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        const j: number = i + dy * n + dx;
        if (x + dx < 0 || x + dx >= n || j < 0 || j >= n * n || j === i) continue;
        const length = dx !== 0 && dy !== 0 ? DIAGONAL : 1;
        const through = distance[i]! + (length * (cost[i]! + cost[j]!)) / 2;
        if (through >= distance[j]!) continue;
        distance[j] = through;
        heap.push(j);
      }
    }
  }
  return Float32Array.from(distance);
}

/** The cells still to visit, nearest first; a cell that came nearer moves up. */
class CellHeap {
  readonly #distance: Float64Array;
  readonly #heap: Int32Array;
  readonly #place: Int32Array;
  #size = 0;

  constructor(distance: Float64Array) {
    this.#distance = distance;
    this.#heap = new Int32Array(distance.length);
    this.#place = new Int32Array(distance.length).fill(-1);
  }

  push(cell: number): void {
    const at = this.#place[cell]!;
    this.#rise(at >= 0 ? at : this.#size++, cell);
  }

  pop(): number | undefined {
    if (this.#size === 0) return undefined;
    const first = this.#heap[0]!;
    this.#place[first] = -1;
    const last = this.#heap[--this.#size]!;
    if (this.#size > 0) this.#sink(last);
    return first;
  }

  #rise(at: number, cell: number): void {
    const distance = this.#distance[cell]!;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#distance[this.#heap[parent]!]! <= distance) break;
      this.#put(at, this.#heap[parent]!);
      at = parent;
    }
    this.#put(at, cell);
  }

  #sink(cell: number): void {
    const distance = this.#distance[cell]!;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#size) break;
      const [left, right] = [this.#heap[child]!, this.#heap[child + 1]!];
      if (child + 1 < this.#size && this.#distance[right]! < this.#distance[left]!) child++;
      if (this.#distance[this.#heap[child]!]! >= distance) break;
      this.#put(at, this.#heap[child]!);
      at = child;
    }
    this.#put(at, cell);
  }

  #put(at: number, cell: number): void {
    this.#heap[at] = cell;
    this.#place[cell] = at;
  }
}

/**
 * How much both aligned pictures disagree around each cell, 0..1; 0 where they match or are flat, so
 * that skies dissolve. Of photographs by their structure. Of drawings, `drawn` of 1, by where their
 * edges are: a face of another colour with the same outline dissolves in place. CELLS² numbers.
 */
export function disagreement(a: WorkingPicture, b: WorkingPicture, drawn: number): Float32Array {
  const structure = expand(byStructure(halve(a), halve(b)), CELLS / 2, 1);
  if (drawn <= 0) return structure;
  return byEdges(a, b).map((value, i) => drawn * value + (1 - drawn) * structure[i]!);
}

function byStructure(a: WorkingPicture, b: WorkingPicture): Float32Array {
  const [x, y] = [opponentColours(a)[0], opponentColours(b)[0]];
  const {n} = a;
  const structure = new StructureSimilarity(n);
  structure.compare(x, y);
  const [ofX, ofY] = [variance(x, n), variance(y, n)];
  const raw = structure.similarity.map((s, i) => {
    const e = Math.sqrt(Math.max(0, ofX[i]! + ofY[i]!));
    return (1 - clamp01(s)) * (e / (e + 0.04));
  });
  return blur(raw, n, 3).map((value) => clamp01(value / 0.22));
}

/** Cells over which the edges of drawings are blurred, compared and spread. */
const EDGES = {blur: 1, window: 3, spread: 2};
/** Steadies the comparison where there is next to no edge. */
const NO_EDGE = 4e-4;
/** The spread dissimilarity of edges that counts as full disagreement. */
const UNLIKE_EDGES = 0.3;

/** By the cosine between the edges of both, whatever their colours, in windows of 7×7 cells. */
function byEdges(a: WorkingPicture, b: WorkingPicture): Float32Array {
  const n = CELLS;
  const x = blur(edgeStrength(a), n, EDGES.blur);
  const y = blur(edgeStrength(b), n, EDGES.blur);
  const product = (p: Float32Array, q: Float32Array): Float32Array =>
    boxMean(
      p.map((value, i) => value * q[i]!),
      n,
      EDGES.window,
    );
  const [xx, yy] = [product(x, x), product(y, y)];
  const raw = product(x, y).map(
    (xy, i) => 1 - (xy + NO_EDGE) / Math.sqrt((xx[i]! + NO_EDGE) * (yy[i]! + NO_EDGE)),
  );
  return blur(raw, n, EDGES.spread).map((value) => clamp01(value / UNLIKE_EDGES));
}

function variance(plane: Float32Array, n: number): Float32Array {
  const centre = boxMean(plane, n, 2);
  return boxMean(
    plane.map((value, i) => (value - centre[i]!) ** 2),
    n,
    2,
  );
}
