import {LatentError} from '../../src/core/errors.js';
import type {PackPart} from '../../src/core/pack/pack.js';
import type {HuggingFaceTokenizer} from '../../src/core/text/pack-fields.js';
import {joinDownloads, type LoadCall, SharedLoad} from '../loading/shared-load.js';
import type {InputData, Network} from '../inference/ort-runtime.js';
import type {PromptEncoder, Told} from './prompt-encoder.js';
import type {PackFiles} from '../text/text-embedder.js';
import {TextTokenizer} from '../text/text-tokenizer.js';

/**
 * A prompt → the states of its tokens, always as many as the network takes (CLIP's 77): what Stable
 * Diffusion and its like are told. An empty prompt has states too.
 */
export class StatesEncoder implements PromptEncoder {
  readonly #pack: PackFiles;
  readonly #options: HuggingFaceTokenizer;
  #tokenizer: SharedLoad<TextTokenizer> | undefined;

  constructor(pack: PackFiles, tokenizer: HuggingFaceTokenizer) {
    this.#pack = pack;
    this.#options = tokenizer;
  }

  async prepare(call: LoadCall): Promise<void> {
    await this.#load(call);
  }

  async encode(prompt: string, _without: string, call: LoadCall): Promise<Told> {
    const [network, tokenizer] = await this.#load(call);
    const tokens = tokenizer.encode(prompt);
    const width = this.#width(network);
    const {states} = await network.run(this.#inputs(tokens.slice(0, width), width, tokenizer.pad));
    if (states?.dims.length === 3 && states.dims[0] === 1 && states.dims[1] === width) {
      return {states};
    }
    throw new LatentError(
      'bad-pack',
      `${this.#part.file} gave [${states?.dims.join(', ') ?? ''}] where the states of a prompt are ` +
        `[1, ${String(width)}, d].`,
    );
  }

  async #load(call: LoadCall): Promise<[Network, TextTokenizer]> {
    const join = joinDownloads(call);
    return Promise.all([this.#pack.network('textEncoder', join()), this.#tokenize(join())]);
  }

  // One download for all who wait: an abort is that caller's alone, and the last one's stops it.
  #tokenize(call: LoadCall): Promise<TextTokenizer> {
    let load = this.#tokenizer;
    if (!load || load.abandoned) {
      const begun = new SharedLoad(async (signal, onProgress) => {
        const file = await this.#pack.file(this.#options, {
          signal,
          onProgress: (_stage, loaded) => {
            onProgress(loaded);
          },
        });
        return TextTokenizer.load(file, this.#options);
      });
      load = begun;
      this.#tokenizer = begun;
      // A failure is not kept: the next call tries again.
      begun.result.catch(() => {
        if (this.#tokenizer === begun) this.#tokenizer = undefined;
      });
    }
    return load.join(call.signal, (loaded) => {
      call.onProgress('download', loaded);
    });
  }

  #inputs(tokens: readonly number[], width: number, pad: number): Record<string, InputData> {
    const {mask, types} = this.#part.inputs;
    const dims = [1, width];
    const ids = new Int32Array(width).fill(pad);
    ids.set(tokens);
    return {
      tokens: {data: ids, dims},
      ...(mask && {mask: {data: new Int32Array(width).fill(1, 0, tokens.length), dims}}),
      ...(types && {types: {data: new Int32Array(width), dims}}),
    };
  }

  /** Tokens that the network takes: as its file or its pack fixes them, else the tokenizer's most. */
  #width(network: Network): number {
    const side = network.inputShape('tokens')[1];
    const fixed = typeof side === 'string' ? this.#part.dimensions[side] : side;
    return fixed ?? this.#options.maxLength;
  }

  get #part(): PackPart {
    return this.#pack.manifest.parts.textEncoder!;
  }
}
