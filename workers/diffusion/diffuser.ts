import {throwIfAborted} from '../../src/core/abort.js';
import type {SamplingPlan} from '../../src/core/diffusion/sampling.js';
import {
  type Arithmetic,
  arrays,
  createSchedule,
  type Schedule,
} from '../../src/core/diffusion/schedule.js';
import {LatentError} from '../../src/core/errors.js';
import type {Latent} from '../../src/core/latent/latent.js';
import type {PackPart} from '../../src/core/pack/pack.js';
import {randomNormal} from '../../src/core/random/noise.js';
import {TimeSlice} from '../../src/shared/yield-to-events.js';
import type {GpuLatent, GpuTensor, TensorData} from '../inference/image-tensor.js';
import type {InputData, Network, NetworkOnGpu} from '../inference/ort-runtime.js';
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
export type StepListener = (
  step: number,
  steps: number,
  latent: Latent | GpuLatent,
) => void | Promise<void>;

/** What the two prompts became; undefined where nothing is said, or nobody asks. */
interface Prompts {
  readonly positive: Conditioning | undefined;
  readonly negative: Conditioning | undefined;
}

/** One denoising, from its latent on. */
interface Sampling {
  readonly latent: Latent;
  readonly plan: SamplingPlan;
  readonly prompts: Prompts;
  readonly call: LoadCall;
  readonly onStep: StepListener;
}

/** Numbers of the latent's shape, in memory or on the GPU. */
type Numbers = TensorData | GpuTensor;

/** What the network predicts of a sample at a step, guidance included. */
type Predict<T> = (sample: T, index: number) => Promise<T>;

/** A denoised latent, and the milliseconds that the denoiser ran. */
export interface Denoised {
  /** On the GPU where the denoiser is: it is let go by who asked. */
  readonly latent: Latent | GpuLatent;
  readonly run: number;
}

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
   * The latent noised and denoised, where the denoiser runs; `read` brings it into memory. An abort is
   * heard between any two runs.
   */
  async denoise(
    latent: Latent,
    plan: SamplingPlan,
    call: LoadCall,
    onStep: StepListener = () => undefined,
  ): Promise<Denoised> {
    if (plan.strength === 0) return {latent, run: 0};
    // First, because the text encoder may have to make room for the denoiser.
    const prompts = await this.#encode(plan, call);
    const network = await this.#pack.network('denoiser', call);
    const sampling: Sampling = {latent, plan, prompts, call, onStep};
    const dims = [1, ...latent.shape];
    return network.onGpu
      ? this.#sample(sampling, network, new OnGpu(network.onGpu, dims))
      : this.#sample(sampling, network, new InMemory(network, dims));
  }

  /** A latent in memory; one of the GPU stays there too. `bad-pack` where its numbers are not finite. */
  async read(latent: Latent | GpuLatent): Promise<Latent> {
    if (!('tensor' in latent)) return latent;
    const {space, shape, tensor} = latent;
    const {data} = await tensor.read();
    assertFinite(data, this.#part);
    return {space, shape, data};
  }

  async #sample<T extends Numbers>(
    {latent, plan, prompts, call, onStep}: Sampling,
    network: Network,
    place: Place<T>,
  ): Promise<Denoised> {
    const {space, shape} = latent;
    const toLatent = (numbers: Numbers): Latent | GpuLatent =>
      'data' in numbers ? {space, shape, data: numbers.data} : {space, shape, tensor: numbers};
    const schedule = createSchedule(this.#pack.manifest.scheduler!, plan, place);
    const denoiser = new DenoiserRun(network, this.#part, schedule, place);
    const predict = this.#predictor(denoiser, plan, prompts, call);
    try {
      let sample = beginWith(latent, schedule, plan, place);
      for (let index = 0; index < schedule.steps; index++) {
        throwIfAborted(call.signal);
        const output = await predict(sample, index);
        // Noise of its own for each step, by its number: the same seed is the same image on every device.
        const fresh = schedule.isStochastic(index)
          ? place.put(randomNormal(plan.seed, latent.data.length, index + 1))
          : undefined;
        const made = schedule.step(output, index, sample, fresh);
        ({sample} = made);
        // What a step estimates of the image; after the last that is the sample itself.
        const estimate = index + 1 === schedule.steps ? sample : made.x0;
        await onStep(index + 1, schedule.steps, toLatent(estimate));
        await place.endStep(sample);
      }
      throwIfAborted(call.signal);
      return {latent: toLatent(sample), run: denoiser.milliseconds};
    } catch (error) {
      place.release();
      throw error;
    }
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
  #predictor<T extends Numbers>(
    denoiser: DenoiserRun<T>,
    {guidance}: SamplingPlan,
    {positive, negative}: Prompts,
    call: LoadCall,
  ): Predict<T> {
    const predict = (conditioning: Conditioning): Predict<T> => {
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
      return denoiser.place.sum([1 - guidance, begin], [guidance, end]);
    };
  }

  /** What stands for a prompt that says nothing: zeros, where the network insists on a condition. */
  #conditioning<T extends Numbers>(
    given: Conditioning | undefined,
    denoiser: DenoiserRun<T>,
  ): Conditioning {
    if (given) return given;
    return this.#part.inputs.condition ? {condition: denoiser.emptyCondition()} : {};
  }

  get #part(): PackPart {
    // Sampling was planned, so that there is one.
    return this.#pack.manifest.parts.denoiser!;
  }
}

/** Where the numbers of a sampling lie and its denoiser runs. */
interface Place<T> extends Arithmetic<T> {
  /** Numbers of this memory, put there. */
  put(data: Float32Array): T;
  /** What the denoiser makes of its inputs. */
  run(inputs: Readonly<Record<string, InputData | T>>): Promise<T | undefined>;
  /** After each step: lets other calls in, and all numbers go but those that are named. */
  endStep(kept: T): Promise<void>;
  /** Lets all numbers go. */
  release(): void;
}

class InMemory implements Place<TensorData> {
  readonly #network: Network;
  readonly #dims: readonly number[];
  readonly #slice = new TimeSlice();

  constructor(network: Network, dims: readonly number[]) {
    this.#network = network;
    this.#dims = dims;
  }

  put(data: Float32Array): TensorData {
    return {data, dims: this.#dims};
  }

  sum(...terms: Parameters<Arithmetic<TensorData>['sum']>): TensorData {
    const [first, second, third] = terms.map((term) => term && ([term[0], term[1].data] as const));
    return this.put(arrays.sum(first!, second, third));
  }

  async run(inputs: Readonly<Record<string, InputData>>): Promise<TensorData | undefined> {
    return (await this.#network.run(inputs)).sample;
  }

  async endStep(): Promise<void> {
    // A cancel is a message: where no run waits for a GPU, none would come in before the end.
    if (this.#slice.isOver) await this.#slice.yieldToEvents();
  }

  release(): void {
    // The collector does.
  }
}

/** Nothing is read back before the last step, so that the GPU need not wait for this thread between two. */
class OnGpu implements Place<GpuTensor> {
  readonly #network: NetworkOnGpu;
  readonly #dims: readonly number[];
  readonly #held = new Set<GpuTensor>();
  #step: Promise<void> | undefined;

  constructor(network: NetworkOnGpu, dims: readonly number[]) {
    this.#network = network;
    this.#dims = dims;
  }

  put(data: Float32Array): GpuTensor {
    return this.#hold(this.#network.arithmetic.put({data, dims: this.#dims}));
  }

  sum(...terms: Parameters<Arithmetic<GpuTensor>['sum']>): GpuTensor {
    return this.#hold(this.#network.arithmetic.sum(...terms));
  }

  async run(
    inputs: Readonly<Record<string, InputData | GpuTensor>>,
  ): Promise<GpuTensor | undefined> {
    const outputs = await this.#network.run(inputs);
    Object.values(outputs).forEach((output) => this.#hold(output));
    return outputs.sample;
  }

  async endStep(kept: GpuTensor): Promise<void> {
    this.release(kept);
    // The GPU has this step to do while the next is prepared. With more of them in its queue, a cancel or a
    // frame of somebody else would wait for all.
    const before = this.#step;
    this.#step = this.#network.arithmetic.settled();
    // Whoever waits for a later one hears of it.
    this.#step.catch(() => undefined);
    await before;
  }

  release(kept?: GpuTensor): void {
    for (const tensor of this.#held) {
      if (tensor === kept) continue;
      this.#held.delete(tensor);
      tensor.release();
    }
  }

  #hold(tensor: GpuTensor): GpuTensor {
    this.#held.add(tensor);
    return tensor;
  }
}

/** A pack's denoiser, set to a schedule. */
class DenoiserRun<T extends Numbers> {
  /** What its runs took so far, in milliseconds; on a GPU, what it took to hand them over. */
  milliseconds = 0;
  readonly place: Place<T>;
  readonly #network: Network;
  readonly #part: PackPart;
  readonly #schedule: Schedule<T>;

  constructor(network: Network, part: PackPart, schedule: Schedule<T>, place: Place<T>) {
    this.place = place;
    this.#network = network;
    this.#part = part;
    this.#schedule = schedule;
  }

  /**
   * What the network predicts of a sample at step `index` (noise, image or velocity, as the pack says).
   * `bad-pack` where it changes the shape or, in memory, makes numbers that are not finite.
   */
  async predict(sample: T, index: number, conditioning: Conditioning): Promise<T> {
    const {sigmas, timesteps} = this.#schedule;
    const {step} = this.#part.inputs;
    const inputs = {
      sample: this.#schedule.scaleInput(sample, index),
      timestep: scalar(timesteps[index]!),
      // Shortcut models are told how far the step goes.
      ...(step && {step: scalar(sigmas[index]! - sigmas[index + 1]!)}),
      ...conditioning,
    };
    const begin = performance.now();
    const output = await this.place.run(inputs);
    this.milliseconds += performance.now() - begin;
    const [made, given] = [output, sample].map((numbers) => numbers?.dims.join(', ') ?? '');
    if (!output || made !== given) {
      throw fault(
        this.#part,
        `made [${made}] of a sample [${given}]: a denoiser must keep the shape`,
      );
    }
    if ('data' in output) assertFinite(output.data, this.#part);
    return output;
  }

  /** A condition that says nothing: all zeros. */
  emptyCondition(): InputData {
    const shape = this.#network.inputShape('condition');
    const last = shape.at(-1);
    const size = typeof last === 'string' ? this.#part.dimensions[last] : last;
    if (size !== undefined) return {data: new Float32Array(size), dims: [1, size]};
    throw fault(
      this.#part,
      `does not say how long its condition is ([${shape.join(', ')}]): name the size in ` +
        'parts.denoiser.dimensions',
    );
  }
}

function fault({file}: PackPart, what: string): LatentError {
  return new LatentError('bad-pack', `${file} ${what}.`);
}

/** Throws `bad-pack` where a part gave a number that is none. */
export function assertFinite(data: Float32Array, part: PackPart): void {
  if (!data.every(Number.isFinite)) throw fault(part, 'gave numbers that are not finite');
}

/** One number, for the batch of one. */
function scalar(value: number): InputData {
  return {data: Float32Array.of(value), dims: [1]};
}

function beginWith<T>(
  latent: Latent,
  schedule: Schedule<T>,
  plan: SamplingPlan,
  place: Place<T>,
): T {
  const noise = place.put(plan.noise?.data ?? randomNormal(plan.seed, latent.data.length));
  if (plan.strength === 1) return schedule.begin(noise);
  return schedule.addNoise(place.put(latent.data), noise, 0);
}
