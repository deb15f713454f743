import type {SchedulerConfig} from './config.js';
import type {Step, StepTable} from './step.js';

type FlowConfig = Extract<SchedulerConfig, {type: 'flow-matching'}>;

/**
 * Euler's method along the straight flow x_σ = (1 − σ)·x0 + σ·noise with velocity noise − x0 (Lipman
 * 2022; Esser 2024). σ falls from 1 evenly to 0 before the shift; `first` is the real place at which
 * image-to-image begins. A shortcut network (Frans 2024) is told the length of its step, σ − σ′.
 */
export function flowMatching(config: FlowConfig, count: number, first: number): StepTable {
  const sigmas = [first];
  for (let place = Math.floor(first) + 1; place <= count; place++) sigmas.push(place);
  const levels = sigmas.map((place) => shifted(1 - place / count, config.shift));
  const steps = levels.slice(0, -1).map((sigma, i) => stepOf(config, sigma, levels[i + 1]!));
  return {steps, initialScale: 1};
}

function stepOf({prediction, timesteps}: FlowConfig, sigma: number, after: number): Step {
  const length = sigma - after;
  const isFlow = prediction === 'flow';
  return {
    timestep: sigma * timesteps,
    sigma,
    input: 1,
    noisy: {x0: 1 - sigma, noise: sigma},
    x0: isFlow ? {sample: 1, output: -sigma} : {sample: 0, output: 1},
    // With the image predicted, the velocity is (x − x0)/σ.
    next: isFlow
      ? {sample: 1, output: -length, noise: 0}
      : {sample: after / sigma, output: length / sigma, noise: 0},
  };
}

/** Esser 2024, eq. 23: keeps 0 and 1, and raises what lies between where the shift is above 1. */
function shifted(sigma: number, shift: number): number {
  return (shift * sigma) / (1 + (shift - 1) * sigma);
}
