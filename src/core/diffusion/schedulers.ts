import type {DiffusionConfig, SchedulerConfig, SpacedConfig} from './scheduler-config.js';

/**
 * One step of a sampler as the linear map that every one of them is, since the network's output
 * comes in only once. Coefficients are in the sampler's own scale of noise.
 */
export interface Step {
  /** What the network is told: a training timestep, or σ times the config's `timesteps`. */
  readonly timestep: number;
  /** Noise level before the step: σ of flow matching in 0..1, else √((1 − ᾱ)/ᾱ). */
  readonly sigma: number;
  /** The network is fed the sample times this. */
  readonly input: number;
  /** The sample made of an image and unit noise: image·x0 + noise·n. */
  readonly noisy: {readonly x0: number; readonly noise: number};
  /** The estimate of the image: sample·x + output·network(x). */
  readonly x0: {readonly sample: number; readonly output: number};
  /** The sample after the step: sample·x + output·network(x) + noise·n, n fresh unit noise. */
  readonly next: {readonly sample: number; readonly output: number; readonly noise: number};
}

/** What a scheduler is: its steps from much noise to none, and what sampling begins with. */
export interface StepTable {
  readonly steps: readonly Step[];
  /** Unit noise times this is the first sample. */
  readonly initialScale: number;
}

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
  const steps = levels.slice(0, -1).map((sigma, i) => flowStep(config, sigma, levels[i + 1]!));
  return {steps, initialScale: 1};
}

function flowStep({prediction, timesteps}: FlowConfig, sigma: number, after: number): Step {
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
    return ddimStep(
      config,
      timestep,
      alphas[timestep]!,
      after === undefined ? last : alphas[after]!,
    );
  });
  return {steps, initialScale: 1};
}

function ddimStep({prediction}: DdimConfig, timestep: number, alpha: number, after: number): Step {
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
    eulerStep(config, timestep, sigmas[i]!, sigmas[i + 1]!),
  );
  const [most = 0] = sigmas;
  return {
    steps,
    // As in Diffusers: with `leading` the first sample has the variance of image and noise.
    initialScale: config.spacing === 'leading' ? Math.sqrt(most * most + 1) : most,
  };
}

function eulerStep(
  {prediction}: EulerConfig,
  timestep: number,
  sigma: number,
  after: number,
): Step {
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
    lcmStep(config, timestep, alphas[timestep]!, alphas[timesteps[i + 1] ?? -1]),
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

function lcmStep(
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

/** Keeps the squared cosine from ending in a singularity (Nichol 2021, section 3.2). */
const MAX_BETA = 0.999;
const COSINE_OFFSET = 0.008;

/** ᾱ of every training timestep: the share of the image in a noisy one's variance, falling. */
function alphasCumprod(config: DiffusionConfig): Float64Array {
  const alphas = new Float64Array(config.timesteps);
  let product = 1;
  for (let t = 0; t < alphas.length; t++) {
    product *= 1 - betaAt(config, t);
    alphas[t] = product;
  }
  return alphas;
}

function betaAt({timesteps, betaStart, betaEnd, betaSchedule}: DiffusionConfig, t: number): number {
  const along = t / (timesteps - 1);
  switch (betaSchedule) {
    case 'linear':
      return betaStart + along * (betaEnd - betaStart);
    case 'scaled-linear':
      return (Math.sqrt(betaStart) + along * (Math.sqrt(betaEnd) - Math.sqrt(betaStart))) ** 2;
    case 'squared-cosine':
      return Math.min(MAX_BETA, 1 - cosine((t + 1) / timesteps) / cosine(t / timesteps));
  }
}

function cosine(share: number): number {
  return Math.cos((((share + COSINE_OFFSET) / (1 + COSINE_OFFSET)) * Math.PI) / 2) ** 2;
}

/** √((1 − ᾱ)/ᾱ): the deviation of the noise beside an image of full strength. */
function sigmaOf(alpha: number): number {
  return Math.sqrt((1 - alpha) / alpha);
}

/** A value of a table at a real index, on the straight line between its neighbours. */
function interpolate(table: Float64Array, index: number): number {
  const below = Math.floor(index);
  const share = index - below;
  return share === 0 ? table[below]! : (1 - share) * table[below]! + share * table[below + 1]!;
}

/**
 * The image estimated from a variance-preserving sample x = √ᾱ·x0 + √(1 − ᾱ)·noise and what the
 * network predicted (Ho 2020, eq. 15; Salimans 2022, appendix D).
 */
function imageEstimate(prediction: DiffusionConfig['prediction'], alpha: number): Step['x0'] {
  const [signal, noise] = [Math.sqrt(alpha), Math.sqrt(1 - alpha)];
  switch (prediction) {
    case 'epsilon':
      return {sample: 1 / signal, output: -noise / signal};
    case 'v':
      return {sample: signal, output: -noise};
    case 'sample':
      return {sample: 0, output: 1};
  }
}

/**
 * The training timestep at each place, falling: `count` whole places 0, 1, … for the steps asked
 * for, of which image-to-image takes those from the real place `first` on. A place between two whole
 * ones is between their timesteps.
 */
function spacedTimesteps(config: SpacedConfig, count: number, first: number): number[] {
  const at = timestepAt(config, count);
  const places = [first];
  for (let place = Math.floor(first) + 1; place < count; place++) places.push(place);
  return places.map((place) => Math.min(config.timesteps - 1, Math.max(0, at(place))));
}

// Diffusers' three ways; `linspace` alone gives real timesteps.
function timestepAt(
  {spacing, stepsOffset, timesteps}: SpacedConfig,
  count: number,
): (place: number) => number {
  switch (spacing) {
    case 'leading': {
      const ratio = Math.floor(timesteps / count);
      return (place) => Math.round((count - 1 - place) * ratio) + stepsOffset;
    }
    case 'trailing':
      return (place) => roundHalfEven(timesteps - (place * timesteps) / count) - 1;
    case 'linspace':
      return (place) => (count === 1 ? 0 : (timesteps - 1) * (1 - place / (count - 1)));
  }
}

// numpy's round, on which the published timesteps rest.
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
