import {exp} from './elementary.js';
import {CHANNELS, type Features, FOREGROUND} from './features.js';
import {type EnergyOptions, FlowEnergy} from './flow-energy.js';
import {type Flow, holdEdges, refine, unfold} from './flow-grid.js';

/** Points along each side of the flow at its finest. */
export const SOLVED_POINTS = 33;

/** From coarse to fine: cells of the features, points of the flow, steps, and how many go on. */
const LEVELS = [
  {n: 16, m: 9, steps: 60, keep: 3},
  {n: 32, m: 17, steps: 50, keep: 1},
  {n: 64, m: 33, steps: 50, keep: 1},
  {n: 128, m: 33, steps: 24, keep: 1},
] as const;

/** A flow, and what it costs. */
interface Solution {
  readonly v: Flow;
  readonly energy: number;
}

/**
 * The flow of least energy between the features of two pictures, given at 16, 32, 64 and 128 cells:
 * SOLVED_POINTS² points, unfolded. From several starts, by momentum steps along the smoothed gradient
 * over the root of its mean square. In slices, each with how much is done (0..1).
 */
export function* solveFlow(
  a: readonly Features[],
  b: readonly Features[],
  options: EnergyOptions,
): Generator<number, Flow, undefined> {
  let flows = startFlows(a[0]!, b[0]!, LEVELS[0].m);
  const cost = ({n, steps}: {n: number; steps: number}, count: number): number =>
    n * n * steps * count;
  const whole = LEVELS.reduce(
    (sum, level, l) => sum + cost(level, l === 0 ? flows.length : LEVELS[l - 1]!.keep),
    0,
  );
  const energy = new FlowEnergy(options);
  let done = 0;
  for (const [l, level] of LEVELS.entries()) {
    const {n, m, steps, keep} = level;
    const solutions: Solution[] = [];
    for (const flow of flows) {
      energy.begin(a[l]!, b[l]!, m, flow.length === 2 * m * m ? flow : refine(flow, (m + 1) / 2));
      let last = 0;
      for (let step = 0; step < steps; step++) {
        last = energy.descend(step, steps);
        yield (done + cost({n, steps: step + 1}, 1)) / whole;
      }
      done += cost(level, 1);
      solutions.push({v: energy.flow.slice(), energy: last});
    }
    solutions.sort((p, q) => p.energy - q.energy);
    flows = solutions.slice(0, keep).map(({v}) => v);
  }
  const v = flows[0]!;
  unfold(v, SOLVED_POINTS);
  return v;
}

/** Where something is in a picture, and how wide and high, in fractions of it. */
interface Extent {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The flows from which the solver starts, of m² points: none; the one that brings both foregrounds
 * together in place and size, and in place only.
 */
function startFlows(a: Features, b: Features, m: number): Flow[] {
  const from = extentOf(a);
  const to = extentOf(b);
  const likely = {
    ...to,
    width: from.width * Math.min(2, Math.max(0.5, to.width / from.width)),
    height: from.height * Math.min(2, Math.max(0.5, to.height / from.height)),
  };
  return [
    new Float32Array(2 * m * m),
    affineFlow(m, from, likely),
    affineFlow(m, from, {...to, width: from.width, height: from.height}),
  ];
}

/** Mean and deviation of the places of the foreground. */
function extentOf({n, data}: Features): Extent {
  let [sum, x, y, xx, yy] = [1e-9, 0, 0, 0, 0];
  for (let i = 0; i < n * n; i++) {
    const weight = data[CHANNELS * i + FOREGROUND]! + 1e-6;
    const px = ((i % n) + 0.5) / n;
    const py = (Math.floor(i / n) + 0.5) / n;
    sum += weight;
    x += weight * px;
    y += weight * py;
    xx += weight * px * px;
    yy += weight * py * py;
  }
  x /= sum;
  y /= sum;
  const deviation = (square: number, centre: number): number =>
    Math.sqrt(Math.max(1e-4, square / sum - centre * centre));
  return {x, y, width: deviation(xx, x), height: deviation(yy, y)};
}

/** The flow that brings one extent to another, fading away from them and towards the edges. */
function affineFlow(m: number, a: Extent, b: Extent): Flow {
  const v = new Float32Array(2 * m * m);
  const width = Math.sqrt(a.width * b.width);
  const height = Math.sqrt(a.height * b.height);
  for (let j = 0, i = 0; j < m; j++) {
    for (let k = 0; k < m; k++, i++) {
      const [px, py] = [k / (m - 1), j / (m - 1)];
      const qx = (px - (a.x + b.x) / 2) / width;
      const qy = (py - (a.y + b.y) / 2) / height;
      const edge = Math.min(px, 1 - px, py, 1 - py);
      const fade = exp(-Math.min(60, (qx * qx + qy * qy) / 8)) * Math.min(1, edge / 0.15);
      v[i] = (fade * (b.x + qx * b.width - a.x - qx * a.width)) / 2;
      v[m * m + i] = (fade * (b.y + qy * b.height - a.y - qy * a.height)) / 2;
    }
  }
  holdEdges(v, m);
  return v;
}
