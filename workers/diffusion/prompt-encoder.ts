import {throwIfAborted} from '../../src/core/abort.js';
import {negate, type Phrase, splitPrompt} from '../../src/core/diffusion/prompt.js';
import {LatentError} from '../../src/core/errors.js';
import {spaceMismatch} from '../../src/core/latent/latent.js';
import type {PackManifest, PackPart} from '../../src/core/pack/pack.js';
import {embeddingSpaceOf} from '../../src/core/text/embedding-space.js';
import type {HuggingFaceTokenizer, PhrasesTokenizer} from '../../src/core/text/pack-fields.js';
import type {EmbedRules} from '../../src/shared/inference.js';
import type {TensorData} from '../inference/image-tensor.js';
import type {InputData, Network} from '../inference/ort-runtime.js';
import {joinDownloads, joinShared, type LoadCall, type SharedLoad} from '../loading/shared-load.js';
import type {PackFiles} from '../text/embedder.js';
import {TextTokenizer} from '../text/text-tokenizer.js';

/** What a denoiser is conditioned on: tensors by the roles that the pack gives to its inputs. */
export type Conditioning = Readonly<Record<string, InputData>>;

/** Turns prompts into conditioning. */
export interface PromptEncoder {
  /** Has ready what encoding takes. */
  prepare(call: LoadCall): Promise<void>;
  /**
   * The conditioning of a prompt; undefined for one that says nothing. `negative` is what the same tensors
   * ask to leave out: for networks that are not run a second time for it.
   */
  encode(prompt: string, negative: string, call: LoadCall): Promise<Conditioning | undefined>;
}

/** The pack whose embeddings the phrases of a prompt become. */
export interface WordsPack {
  readonly manifest: PackManifest;
  readonly embedder: {
    embedTexts(
      texts: readonly string[],
      rules: EmbedRules,
      call: LoadCall,
    ): Promise<Float32Array[]>;
  };
}

/** What encoding prompts needs of a pack. */
export interface PromptPack extends PackFiles {
  /** Another pack of the same worker, by its URL relative to this one. */
  open(url: string, call: LoadCall): Promise<WordsPack>;
}

/** The encoder of a pack's prompts; undefined where the denoiser takes none. */
export function promptEncoder(pack: PromptPack): PromptEncoder | undefined {
  const {parts, tokenizer} = pack.manifest;
  if (tokenizer?.type === 'phrases') return new PromptCache(new PhrasesEncoder(pack, tokenizer));
  return tokenizer?.type === 'huggingface' && parts.denoiser?.inputs.states
    ? new PromptCache(new StatesEncoder(pack, tokenizer))
    : undefined;
}

/** Prompts that are remembered: those of a page's few elements, not all that someone types. */
const MAX_KEPT = 8;

/** Remembers what the last prompts became, so that only the first frame of one pays for it. */
class PromptCache implements PromptEncoder {
  readonly #encoder: PromptEncoder;
  readonly #kept = new Map<string, Conditioning>();

  constructor(encoder: PromptEncoder) {
    this.#encoder = encoder;
  }

  prepare(call: LoadCall): Promise<void> {
    return this.#encoder.prepare(call);
  }

  async encode(
    prompt: string,
    negative: string,
    call: LoadCall,
  ): Promise<Conditioning | undefined> {
    const key = JSON.stringify([prompt, negative]);
    const made = this.#kept.get(key) ?? (await this.#encoder.encode(prompt, negative, call));
    throwIfAborted(call.signal);
    if (!made) return undefined;
    // A map keeps the order of insertion: the first is the one that was used longest ago.
    this.#kept.delete(key);
    this.#kept.set(key, made);
    if (this.#kept.size > MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    return made;
  }
}

/**
 * A prompt → one vector, [1, n]: each of its phrases is embedded by the pack of words, and the part
 * textEncoder makes one vector of them all, those that are asked for (polarity 1) and those that are not
 * (−1). Where there is none, nothing loads.
 */
class PhrasesEncoder implements PromptEncoder {
  readonly #pack: PromptPack;
  readonly #tokenizer: PhrasesTokenizer;

  constructor(pack: PromptPack, tokenizer: PhrasesTokenizer) {
    this.#pack = pack;
    this.#tokenizer = tokenizer;
  }

  // The words are another pack, and loaded as one.
  async prepare(call: LoadCall): Promise<void> {
    await this.#pack.network('textEncoder', call);
  }

  async encode(
    prompt: string,
    negative: string,
    call: LoadCall,
  ): Promise<Conditioning | undefined> {
    const phrases = [...splitPrompt(prompt), ...negate(splitPrompt(negative))];
    if (phrases.length === 0) return undefined;
    const embedding = await this.#embed(phrases, call);
    const encoder = await this.#pack.network('textEncoder', call);
    const {condition} = await encoder.run({
      embedding,
      polarity: {
        data: Float32Array.from(phrases, ({polarity}) => polarity),
        dims: [phrases.length],
      },
    });
    if (condition?.dims.length === 2 && condition.dims[0] === 1) return {condition};
    throw badOutput(this.#pack.manifest, condition, 'a condition is [1, n]');
  }

  async #embed(phrases: readonly Phrase[], call: LoadCall): Promise<TensorData> {
    const {pack, space} = this.#tokenizer;
    const {manifest, embedder} = await this.#pack.open(pack, call);
    const found = embeddingSpaceOf(manifest);
    // What another table makes of the words would mean nothing to this pack's network.
    if (found?.id !== space) throw spaceMismatch(space, found?.id ?? `none, in ${manifest.name}`);
    const vectors = await embedder.embedTexts(
      phrases.map(({text}) => text),
      {kind: 'query', keep: false},
      call,
    );
    const [size] = found.shape;
    const data = new Float32Array(size * vectors.length);
    vectors.forEach((vector, i) => {
      data.set(vector, i * size);
    });
    return {data, dims: [vectors.length, size]};
  }
}

/**
 * A prompt → the hidden states of its tokens, [1, tokens, d], always as many as the network takes (CLIP's
 * 77): what Stable Diffusion and its like attend to. An empty prompt has states too.
 */
class StatesEncoder implements PromptEncoder {
  readonly #pack: PackFiles;
  readonly #options: HuggingFaceTokenizer;
  readonly #tokenizers = new Map<string, SharedLoad<TextTokenizer>>();

  constructor(pack: PackFiles, tokenizer: HuggingFaceTokenizer) {
    this.#pack = pack;
    this.#options = tokenizer;
  }

  async prepare(call: LoadCall): Promise<void> {
    await this.#load(call);
  }

  async encode(prompt: string, _negative: string, call: LoadCall): Promise<Conditioning> {
    const [network, tokenizer] = await this.#load(call);
    const tokens = tokenizer.encode(prompt);
    const width = this.#width(network);
    const {states} = await network.run(this.#inputs(tokens.slice(0, width), width, tokenizer.pad));
    if (states?.dims.length === 3 && states.dims[0] === 1 && states.dims[1] === width) {
      return {states};
    }
    throw badOutput(
      this.#pack.manifest,
      states,
      `the states of a prompt are [1, ${String(width)}, d]`,
    );
  }

  async #load(call: LoadCall): Promise<[Network, TextTokenizer]> {
    const join = joinDownloads(call);
    return Promise.all([this.#pack.network('textEncoder', join()), this.#tokenize(join())]);
  }

  // One download for all who wait: an abort is that caller's alone, and the last one's stops it.
  #tokenize(call: LoadCall): Promise<TextTokenizer> {
    return joinShared(
      this.#tokenizers,
      this.#options.file,
      call.signal,
      (loaded) => call.onProgress('download', loaded),
      async (signal, onProgress) => {
        const file = await this.#pack.file(this.#options, {
          signal,
          onProgress: (_stage, loaded) => onProgress(loaded),
        });
        return TextTokenizer.load(file, this.#options);
      },
    );
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

function badOutput(
  {parts}: PackManifest,
  output: TensorData | undefined,
  expected: string,
): LatentError {
  const dims = output?.dims.join(', ') ?? '';
  return new LatentError(
    'bad-pack',
    `${parts.textEncoder!.file} gave [${dims}] where ${expected}.`,
  );
}
