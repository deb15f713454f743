import {orAbort, throwIfAborted} from '../core/abort.js';
import {LatentError} from '../core/errors.js';
import {cosineSimilarity} from '../core/latent/arithmetic.js';
import {isLatent, type Latent} from '../core/latent/latent.js';
import {assertEmbeds, embeddingSpaceOf, type EmbeddingSpace} from '../core/text/embedding-space.js';
import {assertDevice, settings} from '../engine/config.js';
import {findPack} from '../engine/shipped-packs.js';
import type {
  CallOptions,
  DevicePreference,
  EngineOptions,
  LoadOptions,
  Model,
} from '../engine/types.js';
import type {PackInfo, TextKind} from '../shared/inference.js';
import type {RemoteIndex} from './remote-index.js';
import type {LabelScore, SearchQuery} from './types.js';

/** How a session gets its model. */
export interface ModelSource {
  /** Name or URL of the pack. */
  readonly model: string;
  /** Of the engine that is asked. */
  readonly engine: EngineOptions;
  /** Where a network is to run; default: as the engine's options say. */
  readonly device?: DevicePreference | undefined;
  /** A lease on it, which only a network needs; whoever asked gives it back. */
  load(options: LoadOptions & {readonly device?: DevicePreference}): Promise<Model>;
}

/** What embeds for a session: a table in the search worker itself, or a network in the other one. */
export class SearchModel {
  readonly #index: RemoteIndex;
  readonly #source: ModelSource;
  readonly #labels = new Map<string, Float32Array>();
  #pack: PackInfo | undefined;
  #network: Model | undefined;
  #closed = false;

  /** Nothing is fetched before `open` or `load`. */
  constructor(index: RemoteIndex, source: ModelSource) {
    this.#index = index;
    this.#source = source;
  }

  /** Its manifest, and where it came from; only once `open` has settled. */
  get pack(): PackInfo {
    return this.#pack!;
  }

  /** Whether its manifest is here, and makes it one that embeds pictures. */
  get embedsImages(): boolean {
    return this.#pack?.manifest.parts.imageEncoder !== undefined;
  }

  /** The network; undefined for a table, and before `load`. */
  get network(): Model | undefined {
    return this.#network;
  }

  /** Where its embeddings lie; `unsupported` where it makes none. */
  get space(): EmbeddingSpace {
    const {manifest} = this.pack;
    const space = embeddingSpaceOf(manifest);
    if (space) return space;
    throw new LatentError('unsupported', `The model ${manifest.name} embeds nothing. Use "words".`);
  }

  /** Fetches and checks the manifest; `bad-argument` for an unknown device, which a table would not ask for. */
  async open(signal: AbortSignal | undefined): Promise<PackInfo> {
    if (this.#pack) return this.#pack;
    const {model, engine, device} = this.#source;
    const given = settings(engine);
    assertDevice(device ?? given.device);
    const source = await orAbort(findPack(model, given), signal);
    this.#pack ??= await this.#index.request((api, request) => api.openPack(request, source), {
      signal,
    });
    return this.#pack;
  }

  /** Has everything ready that texts are embedded by. */
  async load({signal, onProgress}: CallOptions = {}): Promise<void> {
    const {manifest, url} = await this.open(signal);
    if (manifest.embedding?.type === 'static') {
      await this.#index.request((api, request) => api.loadPack(request, url), {signal, onProgress});
    } else if (!this.#network) {
      const {device} = this.#source;
      const model = await this.#source.load({signal, onProgress, ...(device && {device})});
      if (this.#closed) model.release();
      else this.#network = model;
      throwIfAborted(signal);
    }
  }

  /** The vector of whatever is searched for. */
  async embedQuery(query: SearchQuery, signal: AbortSignal | undefined): Promise<Latent> {
    if (isLatent(query)) return query;
    if (typeof query === 'string') return (await this.#embedTexts([query], 'query', signal))[0]!;
    assertEmbeds(this.pack.manifest, 'image');
    return this.#network!.embed(query, {signal});
  }

  /** Which of some labels a text or an image comes nearest to, best first. */
  async classify(
    query: Exclude<SearchQuery, Latent>,
    labels: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<LabelScore[]> {
    const latent =
      typeof query === 'string'
        ? (await this.#embedTexts([query], 'document', signal))[0]!
        : await this.embedQuery(query, signal);
    const unknown = labels.filter((label) => !this.#labels.has(label));
    const vectors = unknown.length > 0 ? await this.#embedTexts(unknown, 'label', signal) : [];
    unknown.forEach((label, i) => this.#labels.set(label, vectors[i]!.data));
    return labels
      .map((label) => {
        const other = {...latent, data: this.#labels.get(label)!};
        return {label, score: cosineSimilarity(latent, other)};
      })
      .sort((a, b) => b.score - a.score);
  }

  /** Gives the lease back, now or when it comes. */
  close(): void {
    this.#closed = true;
    this.#network?.release();
  }

  async #embedTexts(
    texts: readonly string[],
    kind: TextKind,
    signal: AbortSignal | undefined,
  ): Promise<Latent[]> {
    const {manifest, url} = this.pack;
    assertEmbeds(manifest, 'text');
    if (this.#network) return this.#network.embed(texts, {kind, cache: kind === 'label', signal});
    const {id, shape} = this.space;
    const block = await orAbort(
      this.#index.call((api) => api.embed(url, texts, kind)),
      signal,
    );
    return texts.map((_, i) => ({
      space: id,
      shape,
      data: block.slice(i * shape[0], (i + 1) * shape[0]),
    }));
  }
}
