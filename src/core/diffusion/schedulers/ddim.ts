import {alphasCumprod, sigmaOf} from './betas.js';
import type {SchedulerConfig} from './config.js';
import {imageEstimate} from './prediction.js';
import {spacedTimesteps} from './spacing.js';
import type {Step, StepTable} from './step.js';

type DdimConfig = Extract<SchedulerConfig, {type: 'ddim'}>;

/**
 * DDIM with η = 0, hence without fresh noise (Song 2020, eq. 12). A step ends at the timestep of the
 * next; Diffusers subtracts ⌊T / steps⌋ instead, which is the same wherever that divides.
 */
export function ddim(config: DdimConfig, count: number, first: number): StepTable {
  const alphas = alphasCumprod(config);
  const timesteps = spacedTimesteps(config, count, first).map(Math.round);
  const last = config.setAlphaToOne ? 1 : alphas[0]!;
  const steps = timesteps.map((timestep, i): Step => {
    const after = timesteps[i + 1];
    return stepOf(config, timestep, alphas[timestep]!, after === undefined ? last : alphas[after]!);
  });
  return {steps, initialScale: 1};
}

function stepOf({prediction}: DdimConfig, timestep: number, alpha: number, after: number): Step {
  const x0 = imageEstimate(prediction, alpha);
  const [signal, noise] = [Math.sqrt(alpha), Math.sqrt(1 - alpha)];
  // √ᾱ′·x0 + √(1 − ᾱ′)·ε with ε = (x − √ᾱ·x0) / √(1 − ᾱ), gathered by x and by the output.
  const towards = Math.sqrt(1 - after) / noise;
  const image = Math.sqrt(after) - towards * signal;
  return {
    timestep,
    sigma: sigmaOf(alpha),
    input: 1,
    noisy: {x0: signal, noise},
    x0,
    next: {sample: towards + image * x0.sample, output: image * x0.output, noise: 0},
  };
}
