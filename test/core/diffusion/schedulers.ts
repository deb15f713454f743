import {parse} from 'valibot';
import {schedulerSchema} from '../../../src/core/diffusion/scheduler-config.js';
import type {Schedule, SchedulerConfig} from '../../../src/core/index.js';

/** A config with the schema's defaults. */
export function config(fields: object): SchedulerConfig {
  return parse(schedulerSchema, fields);
}

/** A network: what it predicts of a sample (as the scheduler scales it) and a timestep. */
export type Network = (
  input: Float32Array,
  timestep: number,
  index: number,
  sigma: number,
) => Float32Array;

/** The sampler's loop, as the worker runs it. */
export function run(
  schedule: Schedule,
  begin: Float32Array,
  network: Network,
  noise?: (index: number) => Float32Array,
): {sample: Float32Array; estimates: Float32Array[]} {
  let sample = begin;
  const estimates: Float32Array[] = [];
  for (let i = 0; i < schedule.steps; i++) {
    const input = schedule.scaleInput(sample, i);
    const output = network(input, schedule.timesteps[i]!, i, schedule.sigmas[i]!);
    const result = schedule.step(output, i, sample, noise?.(i));
    sample = result.sample;
    estimates.push(result.x0);
  }
  return {sample, estimates};
}

/**
 * ᾱ of Stable Diffusion, written once more from its config (scaled-linear betas): βᵗ =
 * linspace(√0.00085, √0.012, 1000)², ᾱ = ∏(1 − β).
 */
export function stableDiffusionAlphas(): number[] {
  const [start, end] = [0.00085 ** 0.5, 0.012 ** 0.5];
  const alphas: number[] = [];
  for (let t = 0, logarithm = 0; t < 1000; t++) {
    logarithm += Math.log1p(-((start + ((end - start) * t) / 999) ** 2));
    alphas.push(Math.exp(logarithm));
  }
  return alphas;
}

/** What a perfect network says of the sample √ᾱ·x0 + √(1 − ᾱ)·noise, by each definition. */
export function perfect(
  prediction: string,
  alpha: number,
  x0: Float32Array,
  input: Float32Array,
): Float32Array {
  const [signal, deviation] = [Math.sqrt(alpha), Math.sqrt(1 - alpha)];
  return input.map((value, i) => {
    const epsilon = (value - signal * x0[i]!) / deviation;
    if (prediction === 'epsilon') return epsilon;
    return prediction === 'sample' ? x0[i]! : signal * epsilon - deviation * x0[i]!;
  });
}
