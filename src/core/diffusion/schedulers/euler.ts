import {alphasCumprod, interpolate, sigmaOf} from './betas.js';
import type {SchedulerConfig} from './config.js';
import {imageEstimate} from './prediction.js';
import {spacedTimesteps} from './spacing.js';
import type {Step, StepTable} from './step.js';

type EulerConfig = Extract<SchedulerConfig, {type: 'euler'}>;

/**
 * Euler's method on dx/dσ = (x − x0)/σ with x = x0 + σ·noise (Karras 2022, algorithm 2 without churn),
 * the last step going to σ = 0. With `trailing` and one step it is what SD-Turbo runs: σ = 14.6146.
 */
export function euler(config: EulerConfig, count: number, first: number): StepTable {
  const table = alphasCumprod(config).map(sigmaOf);
  const timesteps = spacedTimesteps(config, count, first);
  const sigmas = [...timesteps.map((timestep) => interpolate(table, timestep)), 0];
  const steps = timesteps.map((timestep, i) =>
    stepOf(config, timestep, sigmas[i]!, sigmas[i + 1]!),
  );
  const [most = 0] = sigmas;
  return {
    steps,
    // As in Diffusers: with `leading` the first sample has the variance of image and noise.
    initialScale: config.spacing === 'leading' ? Math.sqrt(most * most + 1) : most,
  };
}

function stepOf({prediction}: EulerConfig, timestep: number, sigma: number, after: number): Step {
  // The network was trained on samples of unit variance: √ᾱ times ours, and ᾱ = 1/(σ² + 1).
  const alpha = 1 / (sigma * sigma + 1);
  const input = Math.sqrt(alpha);
  const estimate = imageEstimate(prediction, alpha);
  const x0 = {sample: input * estimate.sample, output: estimate.output};
  const share = after / sigma;
  return {
    timestep,
    sigma,
    input,
    noisy: {x0: 1, noise: sigma},
    x0,
    next: {sample: share + (1 - share) * x0.sample, output: (1 - share) * x0.output, noise: 0},
  };
}
