import type {Features} from './features.js';
import {type EnergyOptions, FlowEnergy} from './flow-energy.js';
import {type Flow, holdEdges, refine, smooth, unfold} from './flow-grid.js';
import {startFlows} from './flow-starts.js';

/** Points along each side of the flow at its finest. */
export const SOLVED_POINTS = 33;

/** From coarse to fine: cells of the features, points of the flow, steps, and how many go on. */
const LEVELS = [
  {n: 16, m: 9, steps: 60, keep: 3},
  {n: 32, m: 17, steps: 50, keep: 1},
  {n: 64, m: 33, steps: 50, keep: 1},
  {n: 128, m: 33, steps: 24, keep: 1},
] as const;

/** Share of the running mean that stays from step to step: of the gradient, of its square. */
const MOMENTUM = 0.8;
const SQUARE_DECAY = 0.9;
/** The first step, in cells; the last is 30 % of it. */
const STEP = 0.4;
/** The longest step of one point, in steps. */
const LONGEST = 3;

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
  let done = 0;
  for (const [l, level] of LEVELS.entries()) {
    const {n, m, steps, keep} = level;
    const energy = new FlowEnergy(a[l]!, b[l]!, m, options);
    const solutions: Solution[] = [];
    for (const flow of flows) {
      const v = flow.length === 2 * m * m ? flow : refine(flow, (m + 1) / 2);
      const descent = descend(energy, v, 1 / n, steps);
      let step = descent.next();
      while (!step.done) {
        yield (done + cost({n, steps: step.value}, 1)) / whole;
        step = descent.next();
      }
      done += cost(level, 1);
      solutions.push({v, energy: step.value});
    }
    solutions.sort((p, q) => p.energy - q.energy);
    flows = solutions.slice(0, keep).map(({v}) => v);
  }
  const v = flows[0]!;
  unfold(v, SOLVED_POINTS);
  return v;
}

/** Improves `v` in place; yields how many steps are done, returns the last energy. */
function* descend(
  energy: FlowEnergy,
  v: Flow,
  cell: number,
  steps: number,
): Generator<number, number, undefined> {
  const gradient = new Float32Array(v.length);
  const momentum = new Float32Array(v.length);
  let square = 0;
  let unbiased = 1;
  let last = 0;
  for (let i = 0; i < steps; i++) {
    const evaluation = energy.evaluate(v, gradient);
    let part = evaluation.next();
    while (!part.done) {
      yield i;
      part = evaluation.next();
    }
    last = part.value;
    holdEdges(gradient, energy.m);
    smooth(gradient, energy.m, 2);
    holdEdges(gradient, energy.m);
    let sum = 0;
    for (const g of gradient) sum += g * g;
    square = SQUARE_DECAY * square + ((1 - SQUARE_DECAY) * sum) / v.length;
    unbiased *= SQUARE_DECAY;
    const scale = 1 / (Math.sqrt(square / (1 - unbiased)) + 1e-9);
    const length = STEP * cell * (1 - (0.7 * i) / steps);
    for (let k = 0; k < v.length; k++) {
      momentum[k] = MOMENTUM * momentum[k]! + (1 - MOMENTUM) * gradient[k]!;
      const step = Math.min(LONGEST, Math.max(-LONGEST, momentum[k]! * scale));
      v[k] = v[k]! - length * step;
    }
    yield i + 1;
  }
  return last;
}
