import {LatentError} from '../errors.js';
import {exp} from './elementary.js';
import type {Anchor} from './flow-energy.js';
import {type Flow, foldedCells, holdEdges} from './flow-grid.js';
import type {PointPair} from './plan.js';

/** Points nearer than this, in frame widths, in both pictures count as one, at their mean. */
const SAME = 1 / 256;

/** How much longer or shorter than in the other picture a way between points may be: 1 : 19. */
const STEEPEST = 0.9;

/**
 * The anchors that pairs of points mean for the flow: at (from + to)/2 it is (to − from)/2. Points
 * that nearly coincide in both pictures count as one.
 *
 * `bad-argument`, naming the pair, for a point that is not two finite numbers within 0..1; for two
 * pairs that no movement without a fold can keep, which are those whose points lie in directions
 * 90° apart or more (they cross, or are one point here and two there) or whose distances differ more
 * than 19-fold; and for a point that leaves the edge of the picture, which slides along itself.
 */
export function anchorsOf(pairs: readonly PointPair[]): Anchor[] {
  const anchors: Anchor[] = [];
  const counts: number[] = [];
  for (const [index, pair] of pairs.entries()) {
    const anchor = toAnchor(pair, index);
    const same = anchors.findIndex((other) => isSame(anchor, other));
    if (same < 0) {
      anchors.push(anchor);
      counts.push(1);
    } else {
      const other = anchors[same]!;
      const share = 1 / ++counts[same]!;
      const mix = (p: number, q: number): number => p + (q - p) * share;
      anchors[same] = {
        x: mix(other.x, anchor.x),
        y: mix(other.y, anchor.y),
        dx: mix(other.dx, anchor.dx),
        dy: mix(other.dy, anchor.dy),
        pair: other.pair,
      };
    }
  }
  for (const [i, p] of anchors.entries()) {
    for (const q of anchors.slice(0, i)) {
      if (!isSteep(p.dx - q.dx, p.dy - q.dy, p.x - q.x, p.y - q.y)) continue;
      throw new LatentError(
        'bad-argument',
        `pairs[${p.pair}] and pairs[${q.pair}] contradict each other: between them the picture would fold.`,
      );
    }
  }
  return anchors;
}

function isSteep(dx: number, dy: number, x: number, y: number): boolean {
  return dx * dx + dy * dy > STEEPEST * STEEPEST * (x * x + y * y);
}

function isSame(p: Anchor, q: Anchor): boolean {
  const near = (sign: number): boolean =>
    (p.x + sign * p.dx - q.x - sign * q.dx) ** 2 + (p.y + sign * p.dy - q.y - sign * q.dy) ** 2 <
    SAME * SAME;
  return near(-1) && near(1);
}

function toAnchor(pair: PointPair, index: number): Anchor {
  for (const side of ['from', 'to'] as const) {
    // Pairs come from attributes, as JSON.
    const point: unknown = (pair as Partial<PointPair> | null)?.[side];
    const isPoint =
      Array.isArray(point) &&
      point.length === 2 &&
      point.every((value) => typeof value === 'number' && value >= 0 && value <= 1);
    if (isPoint) continue;
    throw new LatentError(
      'bad-argument',
      `pairs[${index}].${side} must be two numbers within 0..1, got ${JSON.stringify(point)}.`,
    );
  }
  const {from, to} = pair;
  const anchor = {
    x: (from[0] + to[0]) / 2,
    y: (from[1] + to[1]) / 2,
    dx: (to[0] - from[0]) / 2,
    dy: (to[1] - from[1]) / 2,
    pair: index,
  };
  const edge = {x: Math.min(anchor.x, 1 - anchor.x), y: Math.min(anchor.y, 1 - anchor.y)};
  if (isSteep(anchor.dx, 0, edge.x, 0) || isSteep(anchor.dy, 0, edge.y, 0)) {
    throw new LatentError(
      'bad-argument',
      `pairs[${index}] leaves the edge of the picture, along which the morph slides.`,
    );
  }
  return anchor;
}

/** How far a pair alone moves its surroundings, in frame widths: tried from the smoothest on. */
const REACHES = [0.5, 0.25, 0.12, 0.06];

/**
 * The smoothest of a few flows of m² points that keep the anchors and nothing else; `bad-argument`,
 * naming a pair, where each of them folds.
 */
export function anchorFlow(anchors: readonly Anchor[], m: number): Flow {
  let cell = 0;
  for (const reach of REACHES) {
    const v = new Float32Array(2 * m * m);
    keepAnchors(v, m, anchors, reach);
    const folded = foldedCells(v, m);
    if (folded.length === 0) return v;
    cell = folded[folded.length >> 1]!;
  }
  const x = (cell % m) / (m - 1);
  const y = Math.floor(cell / m) / (m - 1);
  const nearest = anchors.reduce((p, q) =>
    (p.x - x) ** 2 + (p.y - y) ** 2 <= (q.x - x) ** 2 + (q.y - y) ** 2 ? p : q,
  );
  throw new LatentError(
    'bad-argument',
    `pairs[${nearest.pair}] and its neighbours are too close for their ways: the picture would fold.`,
  );
}

/**
 * Changes a flow of m² points, near the anchors, so that it keeps them: what it misses there is
 * spread by Gaussians of `reach` that fade towards the edges, then point by point (Kaczmarz 1937).
 */
export function keepAnchors(v: Flow, m: number, anchors: readonly Anchor[], reach = 0.06): void {
  const cells = m * m;
  for (let round = 0; round < 3; round++) {
    for (const [plane, key] of (['x', 'y'] as const).entries()) {
      const missed = anchors.map((anchor) => miss(v, m, anchor, plane));
      const kernel = (x: number, y: number, anchor: Anchor): number => {
        const square = (x - anchor.x) ** 2 + (y - anchor.y) ** 2;
        const far = Math.min(80, square / (2 * reach * reach));
        return exp(-far) * edgeFade(key === 'x' ? x : y) * edgeFade(anchor[key]);
      };
      const weights = solveSymmetric(
        anchors.map((p) => anchors.map((q) => kernel(p.x, p.y, q))),
        missed,
      );
      for (let i = 0; i < cells; i++) {
        const [x, y] = [(i % m) / (m - 1), Math.floor(i / m) / (m - 1)];
        let sum = 0;
        for (const [k, anchor] of anchors.entries()) sum += weights[k]! * kernel(x, y, anchor);
        v[plane * cells + i] = v[plane * cells + i]! + sum;
      }
    }
    holdEdges(v, m);
  }
  for (let round = 0; round < 100; round++) {
    for (const anchor of anchors) {
      for (let plane = 0; plane < 2; plane++) {
        const rest = miss(v, m, anchor, plane);
        const {points, weights} = around(m, anchor);
        const square = weights.reduce((sum, weight) => sum + weight * weight, 0);
        points.forEach((point, k) => {
          const i = plane * cells + point;
          v[i] = v[i]! + (rest * weights[k]!) / square;
        });
      }
    }
  }
}

/** 0 at either edge, growing to 1 at a fifth of the way to the other. */
function edgeFade(x: number): number {
  const d = Math.min(1, 5 * Math.min(x, 1 - x));
  return d * (2 - d);
}

function miss(v: Flow, m: number, anchor: Anchor, plane: number): number {
  const {points, weights} = around(m, anchor);
  const target = plane === 0 ? anchor.dx : anchor.dy;
  return points.reduce((rest, point, k) => rest - weights[k]! * v[plane * m * m + point]!, target);
}

/** The four points of the grid around an anchor, and what each of them counts there. */
function around(m: number, {x, y}: Anchor): {points: number[]; weights: number[]} {
  const x0 = Math.min(m - 2, Math.floor(x * (m - 1)));
  const y0 = Math.min(m - 2, Math.floor(y * (m - 1)));
  const fx = x * (m - 1) - x0;
  const fy = y * (m - 1) - y0;
  const o = y0 * m + x0;
  return {
    points: [o, o + 1, o + m, o + m + 1],
    weights: [(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy],
  };
}

/** Solves a symmetric positive semidefinite system, a little weight on its diagonal (Cholesky). */
function solveSymmetric(matrix: number[][], right: readonly number[]): number[] {
  const count = right.length;
  const l = matrix.map((row) => [...row]);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = l[i]![j]!;
      for (let k = 0; k < j; k++) sum -= l[i]![k]! * l[j]![k]!;
      if (i === j) l[i]![i] = Math.sqrt(Math.max(sum, 0) + 1e-6);
      else l[i]![j] = sum / l[j]![j]!;
    }
  }
  const x = [...right];
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < i; k++) x[i] = x[i]! - l[i]![k]! * x[k]!;
    x[i] = x[i]! / l[i]![i]!;
  }
  for (let i = count - 1; i >= 0; i--) {
    for (let k = i + 1; k < count; k++) x[i] = x[i]! - l[k]![i]! * x[k]!;
    x[i] = x[i]! / l[i]![i]!;
  }
  return x;
}
