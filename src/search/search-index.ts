import {type Remote, transfer} from 'comlink';
import {orAbort, throwIfAborted} from '../core/abort.js';
import {LatentError} from '../core/errors.js';
import type {Latent} from '../core/latent/latent.js';
import type {IndexBatch, SearchHit} from '../core/search/vector-index.js';
import type {IndexModel, Precision} from '../core/search/index-file.js';
import type {ItemData} from '../core/search/vector-rows.js';
import type {
  IndexSource,
  NearestOptions,
  SearchApi,
  SearchIndexInfo,
  SearchIndexOptions,
  TextHit,
  TextItem,
} from '../shared/search.js';
import {absoluteUrl} from '../engine/config.js';
import {TaskQueue} from '../engine/worker/queue.js';
import {type SearchHost, searchHost} from './search-host.js';
import {batchSlices, textSlices} from '../engine/slices.js';
import type {CallOptions} from '../engine/types.js';

/** What a search takes. */
export type SearchCall = NearestOptions & Pick<CallOptions, 'signal'>;

/** What the file of an index must have been made for. */
export interface LoadIndexOptions extends Pick<CallOptions, 'signal'> {
  readonly space?: string | undefined;
  readonly model?: IndexModel | undefined;
}

/**
 * A `VectorIndex` and a search by words in the search worker of the page, which is never held up by
 * them. When the worker ends, so does the index: calls reject with `worker-crashed`.
 */
export class SearchIndex {
  readonly #host: SearchHost;
  readonly #number: number;
  readonly #queues = {meaning: new TaskQueue(), words: new TaskQueue()};
  #info: SearchIndexInfo = {metric: 'cosine', dimension: 0, size: 0};
  #closed = false;

  private constructor(host: SearchHost) {
    this.#host = host;
    this.#number = host.acquire();
  }

  /** An empty index; its space is that of the first vectors where none is given. */
  static open({
    signal,
    ...options
  }: SearchIndexOptions & Pick<CallOptions, 'signal'> = {}): Promise<SearchIndex> {
    return SearchIndex.#begin(signal, (api, number) => api.open(number, options));
  }

  /**
   * The index of a file: a URL, or bytes (an `ArrayBuffer` is transferred, and gone from the page);
   * `network`, `not-found`, `bad-index`, or `space-mismatch` for another space or model. The `title`
   * and `text` of its items can be searched by their words.
   */
  static load(
    source: string | URL | ArrayBuffer | Uint8Array<ArrayBuffer> | Blob,
    {signal, ...expected}: LoadIndexOptions = {},
  ): Promise<SearchIndex> {
    const given = sourceOf(source);
    return SearchIndex.#begin(signal, (api, number, request) =>
      api.load(request, number, given, expected),
    );
  }

  static async #begin(
    signal: AbortSignal | undefined,
    begin: (api: Remote<SearchApi>, number: number, request: number) => Promise<SearchIndexInfo>,
  ): Promise<SearchIndex> {
    throwIfAborted(signal);
    const index = new SearchIndex(searchHost());
    try {
      const info = index.#host.request((api, request) => begin(api, index.#number, request), {
        signal,
      });
      index.#info = await orAbort(info, signal);
      return index;
    } catch (error) {
      index.close();
      throw error;
    }
  }

  /** As of the last change. */
  get info(): SearchIndexInfo {
    return this.#info;
  }

  /** Settles when the worker ended: the index is gone, make it again. */
  get lost(): Promise<void> {
    return this.#host.ended;
  }

  /**
   * Adds vectors, copied; an id that is there gets the new vector and, where one is given, item. Sent
   * in slices, so an error (`bad-argument`, `space-mismatch`) or an abort may come after some of them.
   */
  async add(batch: IndexBatch, {signal}: Pick<CallOptions, 'signal'> = {}): Promise<void> {
    for (const slice of batchSlices(batch)) {
      throwIfAborted(signal);
      this.#info = await this.#call((api, number) => api.add(number, slice));
    }
  }

  /** Removes vectors; an unknown id is no error. */
  async remove(ids: readonly string[]): Promise<void> {
    this.#info = await this.#call((api, number) => api.remove(number, ids));
  }

  /** As `VectorIndex.search`; one that still waits for others when it is aborted is not done at all. */
  search(latent: Latent, k: number, {signal, ...options}: SearchCall = {}): Promise<SearchHit[]> {
    return this.#queue('meaning', (api, number) => api.search(number, latent, k, options), signal);
  }

  /** The `k` nearest to one that is in the index, without itself. */
  similarTo(id: string, k: number, {signal, ...options}: SearchCall = {}): Promise<SearchHit[]> {
    const found = this.#call((api, number) => api.similarTo(number, id, k, options));
    return orAbort(found, signal);
  }

  /** As `VectorIndex.duplicates`; other calls get their turn meanwhile. */
  async duplicates({
    threshold,
    ...options
  }: CallOptions & {readonly threshold?: number | undefined} = {}): Promise<string[][]> {
    this.#assertOpen();
    const groups = this.#host.request(
      (api, request) => api.duplicates(request, this.#number, threshold),
      options,
    );
    return orAbort(groups, options.signal);
  }

  /** Every id that has a vector, in order. */
  ids(): Promise<string[]> {
    return this.#call((api, number) => api.ids(number));
  }

  /** What was kept with ids; undefined for an unknown one. */
  items(ids: readonly string[]): Promise<(ItemData | undefined)[]> {
    return this.#call((api, number) => api.items(number, ids));
  }

  /** The index as a file; texts are in it as far as items have them. */
  toBuffer({precision}: {readonly precision?: Precision} = {}): Promise<ArrayBuffer> {
    return this.#call((api, number) => api.toBuffer(number, precision));
  }

  /** Adds texts to be found by their words; an id that is there gets the new text. */
  async addTexts(
    texts: readonly TextItem[],
    {signal}: Pick<CallOptions, 'signal'> = {},
  ): Promise<void> {
    for (const slice of textSlices(texts)) {
      throwIfAborted(signal);
      await this.#call((api, number) => api.addTexts(number, slice));
    }
  }

  /** Removes texts; an unknown id is no error. */
  removeTexts(ids: readonly string[]): Promise<void> {
    return this.#call((api, number) => api.removeTexts(number, ids));
  }

  /** The best `k` by their words. */
  searchText(
    query: string,
    k: number,
    {signal}: Pick<CallOptions, 'signal'> = {},
  ): Promise<TextHit[]> {
    return this.#queue('words', (api, number) => api.searchText(number, query, k), signal);
  }

  /** Lets the index go; open calls still end. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    void this.#host.call((api) => api.close(this.#number)).catch(() => undefined);
    this.#host.release();
  }

  #queue<T>(
    kind: 'meaning' | 'words',
    call: (api: Remote<SearchApi>, number: number) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    return this.#queues[kind].push(() => this.#call(call), {signal});
  }

  async #call<T>(call: (api: Remote<SearchApi>, number: number) => Promise<T>): Promise<T> {
    this.#assertOpen();
    return this.#host.call((api) => call(api, this.#number));
  }

  #assertOpen(): void {
    if (this.#closed) {
      throw new LatentError('bad-argument', 'This index was closed. Open it again.');
    }
  }
}

function sourceOf(
  source: string | URL | ArrayBuffer | Uint8Array<ArrayBuffer> | Blob,
): IndexSource {
  if (typeof source === 'string') return {url: absoluteUrl(source)};
  if (source instanceof URL) return {url: source.href};
  if (source instanceof ArrayBuffer) return transfer({bytes: source}, [source]);
  if (source instanceof Blob) return {bytes: source};
  const bytes = source.slice().buffer;
  return transfer({bytes}, [bytes]);
}
