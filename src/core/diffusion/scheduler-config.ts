import * as v from 'valibot';
import {LatentError} from '../errors.js';

/** The most steps that may be asked for: as many as diffusion models have training timesteps. */
export const MAX_STEPS = 1000;
/** The highest guidance that may be asked for; images break long before. */
export const MAX_GUIDANCE = 100;

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

/** Throws `bad-argument` unless the scheduler can make this many steps. */
export function assertSteps(config: SchedulerConfig, steps: number): void {
  const most =
    config.type === 'flow-matching'
      ? MAX_STEPS
      : config.type === 'lcm'
        ? config.originalSteps
        : config.timesteps;
  if (Number.isSafeInteger(steps) && steps >= 1 && steps <= most) return;
  throw new LatentError(
    'bad-argument',
    `steps must be a whole number from 1 to ${most} for the scheduler ${config.type}, got ` +
      `${String(steps)}. Leave it out for the model's own ${config.steps}.`,
  );
}

/** Throws `bad-argument` unless the strength is a number from 0 to 1. */
export function assertStrength(strength: number): void {
  if (typeof strength === 'number' && strength >= 0 && strength <= 1) return;
  throw new LatentError(
    'bad-argument',
    `strength must be a number from 0 (nothing changes) to 1 (all noise), got ${String(strength)}.`,
  );
}

/** Throws `bad-argument` unless the guidance is a number that may be asked for. */
export function assertGuidance(guidance: number): void {
  if (typeof guidance === 'number' && guidance >= 0 && guidance <= MAX_GUIDANCE) return;
  throw new LatentError(
    'bad-argument',
    `guidanceScale must be a number from 0 to ${MAX_GUIDANCE} (1 is none), got ${String(guidance)}.`,
  );
}
