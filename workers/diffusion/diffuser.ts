import {throwIfAborted} from '../../src/core/abort.js';
import type {Latent} from '../../src/core/latent/latent.js';
import {randomNormal} from '../../src/core/random/noise.js';
import type {PackPart} from '../../src/core/pack/pack.js';
import {planSampling, type Sampling, type SamplingPlan} from '../../src/core/diffusion/sampling.js';
import {createSchedule, type Schedule} from '../../src/core/diffusion/schedule.js';
import {TimeSlice} from '../../src/shared/yield-to-events.js';
import {DenoiserRun, scalar} from './denoiser-run.js';
import type {LoadCall} from '../loading/shared-load.js';
import {PhrasesEncoder, type PhrasesPack} from './phrases-encoder.js';
import {KeptPrompts, type PromptEncoder, type Told} from './prompt-encoder.js';
import {StatesEncoder} from './states-encoder.js';
import type {PackFiles} from '../text/text-embedder.js';

/** What denoising needs of a pack. */
export type DiffuserPack = PhrasesPack & PackFiles;

/** What prompts became; undefined where nothing is said, or nobody asks. */
interface Prompts {
  readonly wanted: Told | undefined;
  readonly unwanted: Told | undefined;
}

/** Hears of every step that is done, 1 … steps, and of the latent as it is estimated there. */
export type StepListener = (step: number, steps: number, latent: Latent) => void | Promise<void>;

/** The scheduler's prediction of a sample at a step, guidance included. */
type Predict = (sample: Float32Array, index: number) => Promise<Float32Array>;

/** The guidance of a network that is told nothing: there is nothing to follow. */
const NO_GUIDANCE = 1;

/** Runs a pack's schedule over its denoiser: noise, or a noised latent → a latent of its space. */
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
   * no more. Errors as `planSampling`.
   */
  async tell(sampling: Sampling, call: LoadCall): Promise<void> {
    await this.#encode(planSampling(this.#pack.manifest, sampling), call);
  }

  /**
   * The latent noised and denoised, and the milliseconds that the denoiser ran; errors as
   * `planSampling`. An abort is heard between any two runs.
   */
  async denoise(
    latent: Latent,
    sampling: Sampling,
    call: LoadCall,
    onStep: StepListener = () => undefined,
  ): Promise<{latent: Latent; run: number}> {
    const plan = planSampling(this.#pack.manifest, sampling, latent);
    const schedule = createSchedule(plan.scheduler, plan);
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
      const fresh = schedule.isStochastic(index)
        ? randomNormal(plan.seed, sample.length, index + 1)
        : undefined;
      const made = schedule.step(output, index, sample, fresh);
      ({sample} = made);
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
    const encode = (text: string, without: string): Promise<Told | undefined> =>
      this.#encoder?.encode(text, without, call) ?? Promise.resolve(undefined);
    if (this.#part.inputs.guidance) {
      return {wanted: await encode(prompt, negativePrompt), unwanted: undefined};
    }
    const wanted = guidance === 0 ? undefined : await encode(prompt, '');
    const unwanted = guidance === 1 ? undefined : await encode(negativePrompt, '');
    return {wanted, unwanted};
  }

  #predictor(
    denoiser: DenoiserRun,
    {guidance}: SamplingPlan,
    {wanted, unwanted}: Prompts,
    call: LoadCall,
  ): Predict {
    const predict = (told: Told): Predict => {
      return (sample, index) => denoiser.predict(sample, index, told);
    };
    const [towards, from] = [this.#told(wanted, denoiser), this.#told(unwanted, denoiser)];
    if (this.#part.inputs.guidance) {
      return predict({...towards, guidance: scalar(wanted ? guidance : NO_GUIDANCE)});
    }
    // The formula below would give these all the same, at twice the price.
    if (guidance === 1 || (!wanted && !unwanted)) return predict(towards);
    if (guidance === 0) return predict(from);
    // Classifier-free guidance (Ho 2022), scaled as in Diffusers.
    return async (sample, index) => {
      const begin = await denoiser.predict(sample, index, from);
      throwIfAborted(call.signal);
      const end = await denoiser.predict(sample, index, towards);
      return begin.map((value, i) => value + guidance * (end[i]! - value));
    };
  }

  #told(told: Told | undefined, denoiser: DenoiserRun): Told {
    if (told) return told;
    return this.#part.inputs.condition ? {condition: denoiser.emptyCondition()} : {};
  }

  get #part(): PackPart {
    // Sampling was planned, so that there is one.
    return this.#pack.manifest.parts.denoiser!;
  }
}

function promptEncoder(pack: DiffuserPack): PromptEncoder | undefined {
  const {parts, tokenizer} = pack.manifest;
  if (tokenizer?.type === 'phrases') return new KeptPrompts(new PhrasesEncoder(pack, tokenizer));
  return tokenizer?.type === 'huggingface' && parts.denoiser?.inputs.states
    ? new KeptPrompts(new StatesEncoder(pack, tokenizer))
    : undefined;
}

function beginWith(latent: Latent, schedule: Schedule, plan: SamplingPlan): Float32Array {
  const noise = plan.noise?.data ?? randomNormal(plan.seed, latent.data.length);
  return plan.strength === 1 ? schedule.begin(noise) : schedule.addNoise(latent.data, noise, 0);
}
