import {LatentError} from '../../src/core/errors.js';
import type {PackPart} from '../../src/core/pack/pack.js';
import type {Schedule} from '../../src/core/diffusion/schedule.js';
import type {InputData, Network} from '../inference/ort-runtime.js';
import type {Told} from './prompt-encoder.js';

/** A pack's denoiser, set to a schedule and to the shape of one latent. */
export class DenoiserRun {
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

  /** What the network predicts of a sample at step `index`, told these tensors. */
  async predict(sample: Float32Array, index: number, told: Told): Promise<Float32Array> {
    const {sigmas, timesteps} = this.#schedule;
    const {step} = this.#part.inputs;
    const feeds = {
      sample: {data: this.#schedule.scaleInput(sample, index), dims: this.#dims},
      timestep: scalar(timesteps[index]!),
      ...(step && {step: scalar(sigmas[index]! - sigmas[index + 1]!)}),
      ...told,
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
export function scalar(value: number): InputData {
  return {data: Float32Array.of(value), dims: [1]};
}
