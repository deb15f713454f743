import {clamp01} from './elementary.js';
import {blur, boxMean, mean, structureSimilarity} from './filters.js';
import {CELLS} from './plan.js';
import {expand} from './pyramid.js';
import {halve, opponentColours, type WorkingPicture} from './working-picture.js';

/** Half of the way to a diagonal neighbour. */
const DIAGONAL = Math.SQRT1_2;
/** Raster passes of the front, an even number. */
const PASSES = 8;
/** What a cell costs the front at least, and what an edge adds. */
const EVEN_COST = 0.4;
const EDGE_COST = 5 / 6;

/** Steps between the least and the greatest value that are told apart in ranks; places in one number. */
const RANK_STEPS = 2 ** 36;
const RANK_PLACES = 2 ** 15;

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

/** Of each of up to 2¹⁵ values its rank, 0 for the least to 1; of equals the first is less. */
function ranks(values: Float32Array): Float32Array {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const scale = most > least ? RANK_STEPS / (most - least) : 0;
  // Value and place in one number each, exactly, sort without a call for each comparison.
  const keys = Float64Array.from(values, (value, i) => {
    return Math.round((value - least) * scale) * RANK_PLACES + i;
  }).sort();
  const rank = new Float32Array(values.length);
  keys.forEach((key, place) => {
    rank[key % RANK_PLACES] = place / (values.length - 1);
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

/**
 * The cost of a way from `source` to each of n² cells, over eight neighbours: the least among ways that
 * turn back at most PASSES times, by raster passes to and fro (Rosenfeld & Pfaltz 1966).
 */
function geodesicDistance(cost: Float32Array, n: number, source: number): Float32Array {
  const distance = new Float32Array(n * n).fill(Infinity);
  distance[source] = 0;
  for (let pass = 0; pass < PASSES; pass++) {
    const back = pass % 2 === 1;
    const step = back ? 1 : -1;
    for (let k = 0; k < n * n; k++) {
      const i = back ? n * n - 1 - k : k;
      const x = i % n;
      const row = i + step * n;
      const hasRow = row >= 0 && row < n * n;
      let least = distance[i]!;
      if (x + step >= 0 && x + step < n) {
        least = Math.min(least, distance[i + step]! + (cost[i]! + cost[i + step]!) / 2);
      }
      if (hasRow) {
        least = Math.min(least, distance[row]! + (cost[i]! + cost[row]!) / 2);
        if (x > 0)
          least = Math.min(least, distance[row - 1]! + DIAGONAL * (cost[i]! + cost[row - 1]!));
        if (x < n - 1)
          least = Math.min(least, distance[row + 1]! + DIAGONAL * (cost[i]! + cost[row + 1]!));
      }
      distance[i] = least;
    }
  }
  return distance;
}

/**
 * How much both aligned pictures disagree around each cell, 0..1; 0 where they match or are flat, so
 * that skies dissolve. Of photographs by their structure. Of drawings, `drawn` of 1, by where their
 * edges are: a face of another colour with the same outline dissolves in place. CELLS² numbers, in slices.
 */
export function* disagreement(
  a: WorkingPicture,
  b: WorkingPicture,
  drawn: number,
): Generator<undefined, Float32Array, undefined> {
  const structure = expand(byStructure(halve(a), halve(b)), CELLS / 2, 1);
  if (drawn <= 0) return structure;
  yield;
  const ofA = blur(edgeStrength(a), CELLS, EDGES.blur);
  yield;
  const ofB = blur(edgeStrength(b), CELLS, EDGES.blur);
  yield;
  return byEdges(ofA, ofB).map((value, i) => drawn * value + (1 - drawn) * structure[i]!);
}

function byStructure(a: WorkingPicture, b: WorkingPicture): Float32Array {
  const [x, y] = [opponentColours(a)[0], opponentColours(b)[0]];
  const {n} = a;
  const [ofX, ofY] = [variance(x, n), variance(y, n)];
  const raw = structureSimilarity(x, y, n).map((s, i) => {
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
function byEdges(x: Float32Array, y: Float32Array): Float32Array {
  const n = CELLS;
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
