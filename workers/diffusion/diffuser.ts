import {throwIfAborted} from '../../src/core/abort.js';
import type {SamplingPlan} from '../../src/core/diffusion/sampling.js';
import {createSchedule, type Schedule} from '../../src/core/diffusion/schedule.js';
import {LatentError} from '../../src/core/errors.js';
import type {Latent} from '../../src/core/latent/latent.js';
import type {PackPart} from '../../src/core/pack/pack.js';
import {randomNormal} from '../../src/core/random/noise.js';
import {TimeSlice} from '../../src/shared/yield-to-events.js';
import type {InputData, Network} from '../inference/ort-runtime.js';
import type {LoadCall} from '../loading/shared-load.js';
import {
  type Conditioning,
  type PromptEncoder,
  promptEncoder,
  type PromptPack,
} from './prompt-encoder.js';

/** What denoising needs of a pack. */
export type DiffuserPack = PromptPack;

/** Hears of every step that is done, 1 … steps, and of the latent as it is estimated there. */
export type StepListener = (step: number, steps: number, latent: Latent) => void | Promise<void>;

/** What the two prompts became; undefined where nothing is said, or nobody asks. */
interface Prompts {
  readonly positive: Conditioning | undefined;
  readonly negative: Conditioning | undefined;
}

/** The scheduler's prediction of a sample at a step, guidance included. */
type Predict = (sample: Float32Array, index: number) => Promise<Float32Array>;

/** The guidance of a network that is told nothing: there is nothing to follow. */
const NO_GUIDANCE = 1;

/**
 * Runs a pack's schedule over its denoiser: noise, or a noised latent → a latent of its space. The loop
 * is Diffusers' (encode the prompts, then step from the noisiest level to the cleanest), so that the same
 * pack gives the same image here and there; what is ours is that it yields to a cancel between two runs.
 */
export class Diffuser {
  readonly #pack: DiffuserPack;
  readonly #encoder: PromptEncoder | undefined;

  constructor(pack: DiffuserPack) {
    this.#pack = pack;
    this.#encoder = promptEncoder(pack);
  }

  /** Has ready what prompts are encoded by. */
  async prepareTexts(call: LoadCall): Promise<void> {
    // A part that nothing here can feed is still one that can be had ready.
    await (this.#encoder?.prepare(call) ?? this.#pack.network('textEncoder', call));
  }

  /**
   * Encodes the prompts of a sampling, and remembers them: `denoise` then needs the part textEncoder
   * no more, which may make room for the denoiser.
   */
  async encodePrompts(plan: SamplingPlan, call: LoadCall): Promise<void> {
    await this.#encode(plan, call);
  }

  /**
   * The latent noised and denoised, and the milliseconds that the denoiser ran. An abort is heard between
   * any two runs.
   */
  async denoise(
    latent: Latent,
    plan: SamplingPlan,
    call: LoadCall,
    onStep: StepListener = () => undefined,
  ): Promise<{latent: Latent; run: number}> {
    const schedule = createSchedule(this.#pack.manifest.scheduler!, plan);
    if (schedule.steps === 0) return {latent, run: 0};
    // First, because the text encoder may have to make room for the denoiser.
    const prompts = await this.#encode(plan, call);
    const network = await this.#pack.network('denoiser', call);
    const denoiser = new DenoiserRun(network, this.#part, schedule, latent.shape);
    const predict = this.#predictor(denoiser, plan, prompts, call);
    const slice = new TimeSlice();
    let sample = beginWith(latent, schedule, plan);
    for (let index = 0; index < schedule.steps; index++) {
      throwIfAborted(call.signal);
      const output = await predict(sample, index);
      // Noise of its own for each step, by its number: the same seed is the same image on every device.
      const fresh = schedule.isStochastic(index)
        ? randomNormal(plan.seed, sample.length, index + 1)
        : undefined;
      const made = schedule.step(output, index, sample, fresh);
      ({sample} = made);
      // What a step estimates of the image; after the last that is the sample itself.
      const data = index + 1 === schedule.steps ? sample : made.x0;
      await onStep(index + 1, schedule.steps, {...latent, data});
      // A cancel is a message: where no run waits for a GPU, none would come in before the end.
      if (slice.isOver) await slice.yieldToEvents();
    }
    throwIfAborted(call.signal);
    return {latent: {...latent, data: sample}, run: denoiser.milliseconds};
  }

  async #encode(
    {prompt, negativePrompt, guidance}: SamplingPlan,
    call: LoadCall,
  ): Promise<Prompts> {
    const encode = (text: string, negative: string): Promise<Conditioning | undefined> =>
      this.#encoder?.encode(text, negative, call) ?? Promise.resolve(undefined);
    // A network that takes guidance as a number is run once, so that both prompts go into one conditioning.
    if (this.#part.inputs.guidance) {
      return {positive: await encode(prompt, negativePrompt), negative: undefined};
    }
    // At these two, one side of the guidance formula has the weight 0.
    const positive = guidance === 0 ? undefined : await encode(prompt, '');
    const negative = guidance === 1 ? undefined : await encode(negativePrompt, '');
    return {positive, negative};
  }

  /** How the denoiser is run at each step: once, or where guidance needs it, twice. */
  #predictor(
    denoiser: DenoiserRun,
    {guidance}: SamplingPlan,
    {positive, negative}: Prompts,
    call: LoadCall,
  ): Predict {
    const predict = (conditioning: Conditioning): Predict => {
      return (sample, index) => denoiser.predict(sample, index, conditioning);
    };
    const towards = this.#conditioning(positive, denoiser);
    const from = this.#conditioning(negative, denoiser);
    if (this.#part.inputs.guidance) {
      return predict({...towards, guidance: scalar(positive ? guidance : NO_GUIDANCE)});
    }
    // The formula below would give these all the same, at twice the price.
    if (guidance === 1 || (!positive && !negative)) return predict(towards);
    if (guidance === 0) return predict(from);
    // Classifier-free guidance (Ho 2022), scaled as in Diffusers.
    return async (sample, index) => {
      const begin = await denoiser.predict(sample, index, from);
      throwIfAborted(call.signal);
      const end = await denoiser.predict(sample, index, towards);
      return begin.map((value, i) => value + guidance * (end[i]! - value));
    };
  }

  /** What stands for a prompt that says nothing: zeros, where the network insists on a condition. */
  #conditioning(given: Conditioning | undefined, denoiser: DenoiserRun): Conditioning {
    if (given) return given;
    return this.#part.inputs.condition ? {condition: denoiser.emptyCondition()} : {};
  }

  get #part(): PackPart {
    // Sampling was planned, so that there is one.
    return this.#pack.manifest.parts.denoiser!;
  }
}

/** A pack's denoiser, set to a schedule and to the shape of one latent. */
class DenoiserRun {
  /** What its runs took so far, in milliseconds. */
  milliseconds = 0;
  readonly #network: Network;
  readonly #part: PackPart;
  readonly #schedule: Schedule;
  readonly #dims: readonly number[];

  constructor(network: Network, part: PackPart, schedule: Schedule, shape: readonly number[]) {
    this.#network = network;
    this.#part = part;
    this.#schedule = schedule;
    this.#dims = [1, ...shape];
  }

  /**
   * What the network predicts of a sample at step `index` (noise, image or velocity, as the pack says).
   * `bad-pack` where it changes the shape or makes numbers that are not finite.
   */
  async predict(
    sample: Float32Array,
    index: number,
    conditioning: Conditioning,
  ): Promise<Float32Array> {
    const {sigmas, timesteps} = this.#schedule;
    const {step} = this.#part.inputs;
    const feeds = {
      sample: {data: this.#schedule.scaleInput(sample, index), dims: this.#dims},
      timestep: scalar(timesteps[index]!),
      // Shortcut models are told how far the step goes.
      ...(step && {step: scalar(sigmas[index]! - sigmas[index + 1]!)}),
      ...conditioning,
    };
    const begin = performance.now();
    const {sample: output} = await this.#network.run(feeds);
    this.milliseconds += performance.now() - begin;
    const dims = output?.dims.join(', ') ?? '';
    if (!output || dims !== this.#dims.join(', ')) {
      throw this.#fault(
        `made [${dims}] of a sample [${this.#dims.join(', ')}]: a denoiser must keep the shape`,
      );
    }
    if (output.data.every(Number.isFinite)) return output.data;
    throw this.#fault('gave numbers that are not finite');
  }

  /** A condition that says nothing: all zeros. */
  emptyCondition(): InputData {
    const shape = this.#network.inputShape('condition');
    const last = shape.at(-1);
    const size = typeof last === 'string' ? this.#part.dimensions[last] : last;
    if (size !== undefined) return {data: new Float32Array(size), dims: [1, size]};
    throw this.#fault(
      `does not say how long its condition is ([${shape.join(', ')}]): name the size in ` +
        'parts.denoiser.dimensions',
    );
  }

  #fault(what: string): LatentError {
    return new LatentError('bad-pack', `${this.#part.file} ${what}.`);
  }
}

/** One number, for the batch of one. */
function scalar(value: number): InputData {
  return {data: Float32Array.of(value), dims: [1]};
}

function beginWith(latent: Latent, schedule: Schedule, plan: SamplingPlan): Float32Array {
  const noise = plan.noise?.data ?? randomNormal(plan.seed, latent.data.length);
  return plan.strength === 1 ? schedule.begin(noise) : schedule.addNoise(latent.data, noise, 0);
}
