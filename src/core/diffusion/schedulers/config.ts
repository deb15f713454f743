import * as v from 'valibot';
import {MAX_GUIDANCE, MAX_STEPS} from './limits.js';

const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const positive = v.pipe(v.number(), v.gtValue(0));

const Defaults = {
  /** Network runs where nobody asks for a number. */
  steps: v.optional(v.pipe(count, v.maxValue(MAX_STEPS)), 20),
  /** Guidance where nobody asks for one; 1 is none. */
  guidance: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(MAX_GUIDANCE)), 1),
};

const FlowMatching = v.object({
  type: v.literal('flow-matching'),
  /** What the network predicts: `flow` (noise − image, the velocity) or `sample` (the image). */
  prediction: v.optional(v.picklist(['flow', 'sample']), 'flow'),
  /** The network is given σ times this: 1 for σ itself, 1000 for Stable Diffusion 3 and its like. */
  timesteps: v.optional(count, 1),
  /** Above 1 more steps are spent on high noise (Esser 2024, eq. 23). */
  shift: v.optional(positive, 1),
  ...Defaults,
});

/** A variance-preserving diffusion, as Stable Diffusion 1 and 2 were trained. */
const Diffusion = {
  /** What the network predicts: the noise, v = √ᾱ·noise − √(1 − ᾱ)·image, or the image. */
  prediction: v.optional(v.picklist(['epsilon', 'v', 'sample']), 'epsilon'),
  /** Timesteps of the training. */
  timesteps: v.optional(v.pipe(count, v.minValue(2), v.maxValue(MAX_STEPS)), MAX_STEPS),
  betaStart: v.optional(positive, 0.00085),
  betaEnd: v.optional(v.pipe(positive, v.ltValue(1)), 0.012),
  betaSchedule: v.optional(
    v.picklist(['linear', 'scaled-linear', 'squared-cosine']),
    'scaled-linear',
  ),
};

/** How the steps are spread over the timesteps (Lin 2023, table 2). */
const Spacing = {
  spacing: v.optional(v.picklist(['leading', 'trailing', 'linspace']), 'leading'),
  /** Added to the timesteps of `leading`. */
  stepsOffset: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 1),
};

/** Whether the last step ends at ᾱ = 1 (no noise at all) or at that of timestep 0. */
const setAlphaToOne = v.optional(v.boolean(), false);

const Ddim = v.object({
  type: v.literal('ddim'),
  ...Diffusion,
  ...Spacing,
  setAlphaToOne,
  ...Defaults,
});

const Euler = v.object({type: v.literal('euler'), ...Diffusion, ...Spacing, ...Defaults});

const Lcm = v.object({
  type: v.literal('lcm'),
  ...Diffusion,
  /** Steps of the solver that was distilled; no more can be asked for. */
  originalSteps: v.optional(v.pipe(count, v.maxValue(MAX_STEPS)), 50),
  /** s and σ of the boundary conditions c_skip and c_out (Luo 2023, eq. 9). */
  timestepScaling: v.optional(positive, 10),
  sigmaData: v.optional(positive, 0.5),
  ...Defaults,
});

/** The schema of `scheduler` in `pack.json`; names as in Diffusers where it has them. */
export const schedulerSchema = v.variant('type', [FlowMatching, Ddim, Euler, Lcm]);

/** How a pack's denoiser is sampled. */
export type SchedulerConfig = v.InferOutput<typeof schedulerSchema>;
/** A variance-preserving scheduler: all but flow matching. */
export type DiffusionConfig = Exclude<SchedulerConfig, {type: 'flow-matching'}>;
/** Where the steps lie. */
export type SpacedConfig = Exclude<DiffusionConfig, {type: 'lcm'}>;
