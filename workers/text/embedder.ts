import {orAbort} from '../../src/core/abort.js';
import {LatentError} from '../../src/core/errors.js';
import type {Latent} from '../../src/core/latent/latent.js';
import type {FrameSize} from '../../src/core/pack/image-size.js';
import type {PackAsset} from '../../src/core/pack/pack-asset.js';
import type {PackManifest, PartName} from '../../src/core/pack/pack.js';
import {assertEmbeds, embeddingSpaceOf} from '../../src/core/text/embedding-space.js';
import {normalizeVector} from '../../src/core/text/pooling.js';
import {StaticTextEncoder} from '../../src/core/text/static-text-encoder.js';
import type {EmbedRules, ImageInput, TextKind} from '../../src/shared/inference.js';
import type {EmbeddingStore} from './embedding-store.js';
import {drawToSize, toTensor} from '../inference/image-tensor.js';
import type {Network} from '../inference/ort-runtime.js';
import {joinDownloads, type LoadCall} from '../loading/shared-load.js';
import {sha256} from '../loading/pack-loader.js';
import {NetworkTextEncoder} from './network-text-encoder.js';
import {TextTokenizer} from './text-tokenizer.js';

/** Hex digits of a key: 128 bits of the hash tell any two texts apart. */
const KEY_DIGITS = 32;

/** The parts and files of a pack. */
export interface PackFiles {
  readonly manifest: PackManifest;
  network(name: PartName, call: LoadCall): Promise<Network>;
  file(asset: PackAsset, call: LoadCall): Promise<Uint8Array<ArrayBuffer>>;
}

/** What texts become vectors by. */
interface SentenceEncoder {
  /**
   * The vectors of texts, which have the prompt of their kind already, in their order; gives up
   * between batches when `signal` aborts.
   */
  embed(texts: readonly string[], kind: TextKind, signal: AbortSignal): Promise<Float32Array[]>;
}

/** What embedding needs of a pack. */
export interface EmbedderPack extends PackFiles {
  encode(image: ImageInput, frame: FrameSize, call: LoadCall): Promise<Latent>;
}

/** Texts and images → vectors of a pack's embedding space; keeps them where it is told to. */
export class Embedder {
  readonly #pack: EmbedderPack;
  readonly #store: EmbeddingStore;
  #texts: Promise<SentenceEncoder> | undefined;

  constructor(pack: EmbedderPack, store: EmbeddingStore) {
    this.#pack = pack;
    this.#store = store;
  }

  /** Has the encoder of texts ready, fetched and made first where it is not there yet. */
  async prepareTexts(call: LoadCall): Promise<SentenceEncoder> {
    assertEmbeds(this.#pack.manifest, 'text');
    if (this.#texts) return orAbort(this.#texts, call.signal);
    const make = await fetchEncoder(this.#pack, call);
    // Another caller may have made it while this one waited for the same files.
    this.#texts ??= make();
    const begun = this.#texts;
    begun.catch(() => {
      if (this.#texts === begun) this.#texts = undefined;
    });
    return orAbort(begun, call.signal);
  }

  /** The kept vectors of texts, `undefined` for those that are not kept; loads nothing. */
  async recall(texts: readonly string[], kind: TextKind): Promise<(Float32Array | undefined)[]> {
    assertEmbeds(this.#pack.manifest, 'text');
    return this.#store.get(await this.#keysOf(this.#prompted(texts, kind), kind));
  }

  /** The vectors of texts, in their order. */
  async embedTexts(
    texts: readonly string[],
    {kind, keep}: EmbedRules,
    call: LoadCall,
  ): Promise<Float32Array[]> {
    const encoder = await this.prepareTexts(call);
    const prompted = this.#prompted(texts, kind);
    const distinct = [...new Set(prompted)];
    const vectors = await encoder.embed(distinct, kind, call.signal);
    if (keep) await this.#keep(await this.#keysOf(distinct, kind), vectors);
    const byText = new Map(distinct.map((text, i) => [text, vectors[i]!]));
    return prompted.map((text) => byText.get(text)!);
  }

  /** The vector of an image, drawn to `frame` (cover); a kept one is taken where `keep` is set. */
  async embedImage(
    image: ImageInput,
    frame: FrameSize,
    keep: boolean,
    call: LoadCall,
  ): Promise<Float32Array> {
    assertEmbeds(this.#pack.manifest, 'image');
    const pixels = drawToSize(image, frame.work);
    if (!keep) return this.#embedPixels(pixels, frame, call);
    const keys = await this.#keysOf([pixels]);
    const [kept] = await this.#store.get(keys);
    if (kept) return kept;
    const vector = await this.#embedPixels(pixels, frame, call);
    await this.#keep(keys, [vector]);
    return vector;
  }

  /** Lets the encoder of texts go; its network is the pack's. */
  release(): void {
    this.#texts = undefined;
  }

  async #embedPixels(pixels: ImageData, frame: FrameSize, call: LoadCall): Promise<Float32Array> {
    const {embedding: rules, image, parts} = this.#pack.manifest;
    const part = parts.imageEncoder!;
    const network = await this.#pack.network('imageEncoder', call);
    const {embedding} = await network.run(
      part.inputs.latent
        ? {latent: withBatch(await this.#pack.encode(pixels, frame, call))}
        : {image: toTensor(pixels, frame.padded, image!)},
    );
    const [dimensions] = embeddingSpaceOf(this.#pack.manifest)!.shape;
    const vector = embedding?.data;
    if (vector?.length !== dimensions) {
      throw new LatentError(
        'bad-pack',
        `${part.file} gave ${String(vector?.length ?? 0)} numbers where the pack's embeddings have ` +
          `${String(dimensions)}.`,
      );
    }
    return rules?.type === 'network' && rules.normalize ? normalizeVector(vector) : vector;
  }

  #prompted(texts: readonly string[], kind: TextKind): readonly string[] {
    const {embedding} = this.#pack.manifest;
    const prompt = embedding?.type === 'network' ? embedding.prompts[kind] : '';
    return prompt === '' ? texts : texts.map((text) => prompt + text);
  }

  #keep(keys: readonly string[], vectors: readonly Float32Array[]): Promise<void> {
    return this.#store.put(new Map(keys.map((key, i) => [key, vectors[i]!])));
  }

  /** What was embedded, and by what: a changed file or rule of the pack changes every key. */
  #keysOf(inputs: readonly (string | ImageData)[], kind?: TextKind): Promise<string[]> {
    const {parts, space, tokenizer} = this.#pack.manifest;
    // What counts as near does not change what a vector is.
    const embedding = {...this.#pack.manifest.embedding, noise: undefined};
    const {encoder, imageEncoder, textEncoder} = parts;
    // Of the others, the prompt is a part of the text.
    const label = kind === 'label' ? [kind] : [];
    const texts = JSON.stringify([space, embedding, tokenizer, textEncoder, ...label]);
    const images = JSON.stringify([space, embedding, encoder, imageEncoder]);
    return Promise.all(
      inputs.map(async (input) => {
        const blob =
          typeof input === 'string'
            ? new Blob([texts, input])
            : new Blob([images, `${String(input.width)}×${String(input.height)}`, input.data]);
        const hash = await sha256(new Uint8Array(await blob.arrayBuffer()));
        return hash.slice(0, KEY_DIGITS);
      }),
    );
  }
}

function withBatch({data, shape}: Latent): {data: Float32Array; dims: number[]} {
  return {data, dims: [1, ...shape]};
}

/**
 * Fetches all that a pack needs for texts; the function that comes back makes the encoder of it.
 * Only a pack with a network starts ONNX Runtime.
 */
async function fetchEncoder(
  pack: PackFiles,
  call: LoadCall,
): Promise<() => Promise<SentenceEncoder>> {
  const {embedding, parts, tokenizer} = pack.manifest;
  const part = joinDownloads(call);
  if (embedding?.type === 'static' && tokenizer?.type === 'static-words') {
    const [words, table] = await Promise.all([
      pack.file(tokenizer, part()),
      pack.file(embedding, part()),
    ]);
    return () => {
      const encoder = new StaticTextEncoder(pack.manifest, {tokenizer: words, table});
      call.onProgress('compile', 1);
      return Promise.resolve({
        embed: (texts, kind) =>
          Promise.resolve(
            texts.map((text) => encoder[kind === 'label' ? 'embedLabel' : 'embed'](text).data),
          ),
      });
    };
  }
  const space = embeddingSpaceOf(pack.manifest);
  if (!space || embedding?.type !== 'network' || tokenizer?.type !== 'huggingface') {
    throw new LatentError('unsupported', `The pack ${pack.manifest.name} cannot embed texts.`);
  }
  const [file, network] = await Promise.all([
    pack.file(tokenizer, part()),
    pack.network('textEncoder', part()),
  ]);
  return async () =>
    new NetworkTextEncoder(
      network,
      await TextTokenizer.load(file, tokenizer),
      parts.textEncoder!,
      embedding,
      space.shape[0],
    );
}
