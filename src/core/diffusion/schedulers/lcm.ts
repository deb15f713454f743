import {alphasCumprod, sigmaOf} from './betas.js';
import type {SchedulerConfig} from './config.js';
import {imageEstimate} from './prediction.js';
import type {Step, StepTable} from './step.js';

type LcmConfig = Extract<SchedulerConfig, {type: 'lcm'}>;

/**
 * Multistep sampling of a latent consistency model (Luo 2023, algorithm 3): each step goes to the
 * image at once, and all but the last add fresh noise to it. `strength` (0..1] leaves out the
 * timesteps above that share, as in Diffusers; the steps stay as many.
 */
export function lcm(config: LcmConfig, count: number, strength: number): StepTable {
  const alphas = alphasCumprod(config);
  const timesteps = lcmTimesteps(config, count, strength);
  const steps = timesteps.map((timestep, i) =>
    stepOf(config, timestep, alphas[timestep]!, alphas[timesteps[i + 1] ?? -1]),
  );
  return {steps, initialScale: 1};
}

function lcmTimesteps(
  {timesteps, originalSteps}: LcmConfig,
  count: number,
  strength: number,
): number[] {
  const ratio = Math.floor(timesteps / originalSteps);
  const usable = Math.max(1, Math.floor(originalSteps * strength));
  const taken = Math.min(count, usable);
  return Array.from({length: taken}, (_, i) => {
    const skipped = Math.floor((i * usable) / taken);
    return (usable - skipped) * ratio - 1;
  });
}

function stepOf(
  {prediction, timestepScaling, sigmaData}: LcmConfig,
  timestep: number,
  alpha: number,
  after: number | undefined,
): Step {
  const scaled = timestep * timestepScaling;
  const square = scaled * scaled + sigmaData * sigmaData;
  const skip = (sigmaData * sigmaData) / square;
  const out = scaled / Math.sqrt(square);
  const estimate = imageEstimate(prediction, alpha);
  const x0 = {sample: skip + out * estimate.sample, output: out * estimate.output};
  const signal = after === undefined ? 1 : Math.sqrt(after);
  return {
    timestep,
    sigma: sigmaOf(alpha),
    input: 1,
    noisy: {x0: Math.sqrt(alpha), noise: Math.sqrt(1 - alpha)},
    x0,
    next: {
      sample: signal * x0.sample,
      output: signal * x0.output,
      noise: after === undefined ? 0 : Math.sqrt(1 - after),
    },
  };
}
