import {LatentError} from '../../src/core/errors.js';
import {spaceMismatch} from '../../src/core/latent/latent.js';
import type {PackManifest, PartName} from '../../src/core/pack/pack.js';
import {negate, type Phrase, splitPrompt} from '../../src/core/diffusion/prompt.js';
import {embeddingSpaceOf} from '../../src/core/text/embedding-space.js';
import type {PhrasesTokenizer} from '../../src/core/text/pack-fields.js';
import type {EmbedRules} from '../../src/shared/inference.js';
import type {LoadCall} from '../loading/shared-load.js';
import type {Network, TensorData} from '../inference/ort-runtime.js';
import type {PromptEncoder, Told} from './prompt-encoder.js';

/** The pack whose embeddings a prompt's phrases become. */
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

/** What phrases need of a pack. */
export interface PhrasesPack {
  readonly manifest: PackManifest;
  network(name: PartName, call: LoadCall): Promise<Network>;
  /** Another pack of the same worker, by its URL relative to this one. */
  open(url: string, call: LoadCall): Promise<WordsPack>;
}

/**
 * A prompt → a condition: each of its phrases is embedded by the pack of words, and the part
 * textEncoder makes one vector of them all. Where there is none, nothing loads.
 */
export class PhrasesEncoder implements PromptEncoder {
  readonly #pack: PhrasesPack;
  readonly #tokenizer: PhrasesTokenizer;

  constructor(pack: PhrasesPack, tokenizer: PhrasesTokenizer) {
    this.#pack = pack;
    this.#tokenizer = tokenizer;
  }

  // The words are another pack, and loaded as one.
  async prepare(call: LoadCall): Promise<void> {
    await this.#pack.network('textEncoder', call);
  }

  async encode(prompt: string, without: string, call: LoadCall): Promise<Told | undefined> {
    const phrases = [...splitPrompt(prompt), ...negate(splitPrompt(without))];
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
    throw new LatentError(
      'bad-pack',
      `${this.#pack.manifest.parts.textEncoder!.file} gave [${condition?.dims.join(', ') ?? ''}] ` +
        'where a condition is [1, n].',
    );
  }

  async #embed(phrases: readonly Phrase[], call: LoadCall): Promise<TensorData> {
    const {pack, space} = this.#tokenizer;
    const {manifest, embedder} = await this.#pack.open(pack, call);
    const found = embeddingSpaceOf(manifest);
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
