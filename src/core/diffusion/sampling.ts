import {LatentError} from '../errors.js';
import {assertOwnLatent} from '../pack/space.js';
import type {Latent} from '../latent/latent.js';
import type {PackManifest, PartName} from '../pack/pack.js';
import {splitPrompt} from './prompt.js';
import {
  assertGuidance,
  assertSteps,
  assertStrength,
  type SchedulerConfig,
} from './scheduler-config.js';

/** How a latent is noised and denoised. */
export interface Sampling {
  /** 0 (nothing changes) … 1 (all noise: of the latent only its shape counts). */
  readonly strength: number;
  /** Network runs from pure noise; default: the pack's. */
  readonly steps?: number | undefined;
  /** Of the noise: a whole number 0..2⁵³ − 1; default 0. */
  readonly seed?: number | undefined;
  /** Unit noise to begin with, in place of the seed's. */
  readonly noise?: Latent | undefined;
  readonly prompt?: string | undefined;
  readonly negativePrompt?: string | undefined;
  /** How strongly the prompt is followed, 0..100; 1 is as the model was taught; default: the pack's. */
  readonly guidanceScale?: number | undefined;
}

/**
 * A checked sampling, complete with the pack's defaults: made once, on the page, by which parts are had
 * ready there and by which the worker runs it.
 */
export interface SamplingPlan {
  /**
   * The parts that it runs, in the order in which it needs them: none at strength 0, no text encoder where
   * no prompt says anything.
   */
  readonly parts: readonly PartName[];
  readonly strength: number;
  readonly steps: number;
  readonly seed: number;
  readonly noise: Latent | undefined;
  readonly prompt: string;
  readonly negativePrompt: string;
  readonly guidance: number;
}

/**
 * Checks a sampling by a pack, and where it is known already, the latent: `unsupported` where the pack
 * lacks the parts (the message names those that it has), `space-mismatch` for a latent or noise of
 * another space, `bad-argument` for noise of another shape (see `assertNoise`) and for numbers out of range.
 */
export function planSampling(
  manifest: PackManifest,
  sampling: Sampling,
  latent?: Latent,
): SamplingPlan {
  const scheduler = schedulerOf(manifest);
  const {strength, noise, prompt = '', negativePrompt = ''} = sampling;
  const {
    steps = scheduler.steps,
    seed = 0,
    guidanceScale: guidance = scheduler.guidance,
  } = sampling;
  if (latent) assertOwnLatent(manifest, latent);
  assertStrength(strength);
  assertSteps(scheduler, steps);
  assertSeed(seed);
  assertGuidance(guidance);
  if (noise) assertOwnLatent(manifest, noise);
  if (noise && latent) assertNoise(noise, latent);
  assertPrompt(manifest, 'prompt', prompt);
  assertPrompt(manifest, 'negativePrompt', negativePrompt);
  const parts = partsFor(manifest, strength, [prompt, negativePrompt]);
  return {parts, strength, steps, seed, noise, prompt, negativePrompt, guidance};
}

function partsFor(
  {parts}: PackManifest,
  strength: number,
  prompts: readonly string[],
): readonly PartName[] {
  if (strength === 0) return [];
  // Cross-attention takes the states of an empty prompt too.
  const encodes = parts.denoiser?.inputs.states !== undefined || prompts.some(saysSomething);
  return encodes ? ['textEncoder', 'denoiser'] : ['denoiser'];
}

/** Throws `bad-argument` unless a seed is a whole number from 0 to 2⁵³ − 1. */
export function assertSeed(seed: number): void {
  if (Number.isSafeInteger(seed) && seed >= 0) return;
  throw new LatentError(
    'bad-argument',
    `The seed ${String(seed)} is not a whole number from 0 to ${String(Number.MAX_SAFE_INTEGER)}.`,
  );
}

/** Throws `bad-argument` unless noise has the shape of the latent that it is to be mixed into. */
export function assertNoise(noise: Latent, latent: Latent): void {
  if (noise.shape.join() === latent.shape.join()) return;
  throw new LatentError(
    'bad-argument',
    `noise has the shape [${noise.shape.join(', ')}], but the latent has ` +
      `[${latent.shape.join(', ')}].`,
  );
}

function schedulerOf({name, parts, scheduler}: PackManifest): SchedulerConfig {
  if (parts.denoiser && scheduler) return scheduler;
  throw new LatentError(
    'unsupported',
    `The pack ${name} has no denoiser, so it can neither generate nor repair by a strength above 0; ` +
      `its parts are: ${Object.keys(parts).join(', ')}. Use a pack with a denoiser.`,
  );
}

function saysSomething(prompt: string): boolean {
  return splitPrompt(prompt).length > 0;
}

function assertPrompt(
  {name, parts, tokenizer}: PackManifest,
  argument: string,
  prompt: string,
): void {
  if (typeof prompt !== 'string') {
    throw new LatentError('bad-argument', `${argument} is no string but ${typeof prompt}.`);
  }
  const {guidance, states} = parts.denoiser?.inputs ?? {};
  if (states && guidance && argument === 'negativePrompt' && prompt.trim() !== '') {
    throw new LatentError(
      'unsupported',
      `The pack ${name} takes no negative prompts: its denoiser is told guidance as a number. Leave ` +
        'negativePrompt out.',
    );
  }
  // What else there must be was checked with the manifest.
  if (states ?? tokenizer?.type === 'phrases') return;
  if (!saysSomething(prompt)) return;
  throw new LatentError(
    'unsupported',
    `The pack ${name} takes no prompts: it has no textEncoder for its denoiser; its parts are: ` +
      `${Object.keys(parts).join(', ')}. Leave ${argument} out, or use another pack.`,
  );
}

/** Milliseconds that the previews of one denoising may take in any case: nobody waits longer for it. */
const ALLOWANCE = 300;
/** What they may take beyond that, as a share of the denoising itself. */
const SHARE = 0.25;

/**
 * Decides which steps of a denoising get a preview: as many as take no more than 300 ms and a quarter
 * of the steps' own time. So every step of a small model has one, and few of a model whose decoder is
 * slow; the first is made in any case, since only it tells what they cost.
 */
export class PreviewBudget {
  #spent = 0;
  #dearest = 0;

  /** Whether there may be another, when the steps have taken so many milliseconds. */
  allows(elapsed: number): boolean {
    return this.#spent + this.#dearest <= ALLOWANCE + SHARE * elapsed;
  }

  /** A preview took so many milliseconds. */
  spend(milliseconds: number): void {
    this.#spent += milliseconds;
    this.#dearest = Math.max(this.#dearest, milliseconds);
  }
}
