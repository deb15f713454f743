import type {Features} from './features.js';
import {type EnergyOptions, FlowEnergy} from './flow-energy.js';
import {type Flow, refine, unfold} from './flow-grid.js';
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
