import {transfer} from 'comlink';
import {orAbort, throwIfAborted} from '../core/abort.js';
import {LatentError} from '../core/errors.js';
import {countOf, type Latent} from '../core/latent/latent.js';
import {assertMetric} from '../core/search/metric.js';
import type {ItemData} from '../core/search/vector-rows.js';
import {isBlank} from '../core/text/clean.js';
import {embeds} from '../core/text/embedding-space.js';
import {absoluteUrl, settings} from '../engine/config.js';
import type {CallOptions, Progress} from '../engine/types.js';
import type {FoundHit, IndexSource, Question} from '../shared/search.js';
import {TaskQueue} from '../shared/task-queue.js';
import {IndexedItems} from './indexed-items.js';
import type {Unembedded} from './items.js';
import {RemoteIndex} from './remote-index.js';
import {type ModelSource, SearchModel} from './search-model.js';
import {openStore} from './stores/chroma-store.js';
import type {
  LabelScore,
  QueryOptions,
  Search,
  SearchItem,
  SearchQuery,
  SearchResult,
  SearchSource,
  VectorStore,
} from './types.js';

/** What was found so far. */
export interface Answer {
  readonly results: readonly SearchResult[];
  /** Whether meaning was asked too; false while the model is on its way. */
  readonly complete: boolean;
}

/** Every item that has a vector, in order, and the vectors: row after row. */
export interface SearchVectors {
  readonly space: string;
  readonly shape: readonly number[];
  readonly items: readonly SearchItem[];
  readonly data: Float32Array;
}

const DEFAULT_LIMIT = 10;
/** Items whose fields come in one message: well under a millisecond of a page's time. */
const FIELDS_BLOCK = 500;
/** Milliseconds that results by words wait for a network, so that a list need not change twice. */
const PATIENCE = 30;
/** Share of the progress that loading takes, before embedding what there is. */
const LOAD_SHARE = 0.5;

/**
 * One search: where its items are, the model that embeds them, and the index in the search worker. It
 * finds by words as soon as `open` has settled, by meaning too once `load` has.
 */
export class SearchSession implements Search {
  readonly #source: SearchSource;
  readonly #model: SearchModel;
  readonly #index: RemoteIndex;
  readonly #queries = new TaskQueue();
  readonly #items: IndexedItems | undefined;
  readonly #store: VectorStore | undefined;
  #loaded = false;

  /** Nothing is fetched before `open`; `bad-argument` for a store or a metric that is none. */
  constructor(source: SearchSource, model: ModelSource) {
    if (source.metric !== undefined) assertMetric(source.metric);
    this.#source = source;
    this.#store = source.store === undefined ? undefined : openStore(source.store);
    this.#index = new RemoteIndex(settings(model.engine));
    this.#model = new SearchModel(this.#index, model);
    this.#items = source.items && new IndexedItems(this.#index, this.#model);
  }

  /** The model: its manifest is there once `open` or `load` needed it. */
  get model(): SearchModel {
    return this.#model;
  }

  /** Whether words of a query find anything, before meaning can. */
  findsWords(query: SearchQuery): boolean {
    return typeof query === 'string' && this.#store === undefined;
  }

  /** Whether it finds by meaning. */
  get loaded(): boolean {
    return this.#loaded;
  }

  /** Calls `listener` when the worker that holds it has ended: open another. */
  onEnd(listener: () => void): void {
    this.#index.onEnd(listener);
  }

  /** Has everything ready that is found by its words. */
  async open(signal?: AbortSignal): Promise<void> {
    const {items, index: file, store, metric} = this.#source;
    if (items) {
      await orAbort(
        this.#index.call((api, index) => api.open(index, {metric})),
        signal,
      );
      await this.setItems(items, signal);
    } else if (file !== undefined) {
      const {name, version} = (await this.#model.open(signal)).manifest;
      const {url: pack} = this.#model.pack;
      const expected = {space: this.#model.space.id, model: {name, version}, pack};
      const given = sourceOf(file);
      await this.#index.request(
        (api, request, index) => api.load(request, index, given, expected),
        {
          signal,
        },
      );
    } else if (store === undefined) {
      throw new LatentError(
        'bad-argument',
        'There is nothing to search: give items, index or store.',
      );
    }
  }

  /** Has the model ready, and everything embedded; what cannot be, keeps nothing else from being found. */
  async load({signal, onProgress}: CallOptions = {}): Promise<readonly Unembedded[]> {
    await this.#model.load({
      signal,
      onProgress: (progress) => onProgress?.(shareOf(progress, 0, LOAD_SHARE)),
    });
    if (this.#store) {
      const {space} = this.#model;
      await this.#store.open({space: space.id, dimension: countOf(space.shape), signal});
    }
    const failed = await this.embed({
      signal,
      onProgress: (progress) => onProgress?.(shareOf(progress, LOAD_SHARE, 1)),
    });
    this.#loaded = true;
    return failed;
  }

  /** Makes these the items: found by words when it settles, by meaning after the next `embed`. */
  setItems(items: readonly SearchItem[], signal?: AbortSignal): Promise<void> {
    return this.#items!.replace(items, signal);
  }

  /** Embeds what is not yet; what cannot be comes back. */
  async embed(options: CallOptions = {}): Promise<readonly Unembedded[]> {
    return (await this.#items?.embed(options)) ?? [];
  }

  async query(query: SearchQuery, options: QueryOptions = {}): Promise<SearchResult[]> {
    return [...(await this.ask(query, options)).results];
  }

  /**
   * What a query finds by all that is here so far. Where a network takes its time, `early` hears of what
   * is found by words. A newer call need not wait for one that was aborted.
   */
  async ask(
    query: SearchQuery,
    {limit = DEFAULT_LIMIT, threshold, metric, signal}: QueryOptions = {},
    early?: (answer: Answer) => void,
  ): Promise<Answer> {
    assertLimit(limit);
    assertQuery(query);
    this.#index.assertOpen();
    throwIfAborted(signal);
    const isText = typeof query === 'string';
    if (limit === 0 || (isText && isBlank(query))) return {results: [], complete: true};
    if (this.#store) return this.#askStore(this.#store, query, {limit, threshold, signal});
    const fields = this.#items === undefined;
    const question: Question = {limit, metric, threshold, fields};
    if (!isText) {
      const latent = await this.#model.embedQuery(query, signal);
      return {results: await this.#ask({...question, latent}, signal), complete: true};
    }
    const byWords = {...question, text: query};
    if (!this.#loaded) return {results: await this.#ask(byWords, signal), complete: false};
    const {network, pack} = this.#model;
    const {manifest, url} = pack;
    const noise = threshold === undefined ? manifest.embedding?.noise : undefined;
    const both = {...byWords, noise};
    if (!network) {
      return {results: await this.#ask({...both, pack: url}, signal), complete: true};
    }
    // A model that embeds nothing but pictures finds texts by their words.
    if (!embeds(manifest, 'text')) {
      return {results: await this.#ask(byWords, signal), complete: true};
    }
    const embedding = this.#model.embedQuery(query, signal);
    if (early && (await isSlow(embedding))) {
      early({results: await this.#ask(byWords, signal), complete: false});
    }
    const latent = await embedding;
    return {results: await this.#ask({...both, latent}, signal), complete: true};
  }

  async similarTo(
    id: string,
    {limit = DEFAULT_LIMIT, threshold, metric, signal}: QueryOptions = {},
  ): Promise<SearchResult[]> {
    assertLimit(limit);
    this.#assertHere('similarTo()');
    const near = await this.#index.request(
      (api, request, index) => api.similarTo(request, index, id, limit, {metric, threshold}),
      {signal},
    );
    const ids = near.map((hit) => hit.id);
    const fields = await this.#fieldsOf(ids);
    const hits = near.map((hit, i) => ({
      ...hit,
      similarity: hit.score,
      terms: [],
      confident: true,
      fields: fields[i],
    }));
    return this.#results(hits);
  }

  async duplicates({
    threshold,
    signal,
    onProgress,
  }: CallOptions & {readonly threshold?: number | undefined} = {}): Promise<string[][]> {
    this.#assertHere('duplicates()');
    return this.#index.request((api, request, index) => api.duplicates(request, index, threshold), {
      signal,
      onProgress,
    });
  }

  classify(
    query: Exclude<SearchQuery, Latent>,
    labels: readonly string[],
    {signal}: Pick<CallOptions, 'signal'> = {},
  ): Promise<LabelScore[]> {
    assertQuery(query);
    this.#index.assertOpen();
    return this.#model.classify(query, labels, signal);
  }

  add(items: readonly SearchItem[], options: CallOptions = {}): Promise<void> {
    return this.#edit('add', options, (all) => {
      const known = new Set(all.map(({id}) => id));
      const taken = items.find(({id}) => known.has(id));
      if (!taken) return [...all, ...items];
      throw new LatentError(
        'bad-argument',
        `There is an item "${taken.id}" already. Remove it first.`,
      );
    });
  }

  removeItems(ids: readonly string[]): Promise<void> {
    const gone = new Set(ids);
    return this.#edit('removeItems', {}, (all) => all.filter(({id}) => !gone.has(id)));
  }

  /** What has a vector, and these vectors, row after row, for whoever draws a map of them. */
  async vectors(signal?: AbortSignal): Promise<SearchVectors> {
    this.#assertHere('vectors()');
    const {ids, ...vectors} = await orAbort(
      this.#index.call((api, index) => api.vectors(index)),
      signal,
    );
    const items: SearchItem[] = [];
    for (let from = 0; from < ids.length; from += FIELDS_BLOCK) {
      const some = ids.slice(from, from + FIELDS_BLOCK);
      const fields = await this.#fieldsOf(some);
      // What was removed meanwhile is still an item, with nothing but its id.
      items.push(...some.map((id, i) => this.#items?.get(id) ?? {...fields[i], id}));
      throwIfAborted(signal);
    }
    return {...vectors, items};
  }

  async toIndex(): Promise<Blob> {
    this.#assertHere('toIndex()');
    const bytes = await this.#index.call((api, index) => api.toBuffer(index));
    return new Blob([bytes], {type: 'application/octet-stream'});
  }

  close(): void {
    this.#index.close();
    this.#model.close();
    this.#store?.close();
  }

  async #edit(
    method: string,
    options: CallOptions,
    others: (all: readonly SearchItem[]) => readonly SearchItem[],
  ): Promise<void> {
    if (this.#items) return this.#items.change(others, options);
    throw new LatentError(
      'unsupported',
      `${method}() changes items, but this searches an index: make another.`,
    );
  }

  #ask(question: Question, signal: AbortSignal | undefined): Promise<SearchResult[]> {
    return this.#queries.push(
      async () =>
        this.#results(
          await this.#index.request((api, request, index) => api.query(request, index, question), {
            signal,
          }),
        ),
      {signal},
    );
  }

  #results(hits: readonly FoundHit[]): SearchResult[] {
    return hits.flatMap(({fields, ...hit}) => {
      const item = this.#items ? this.#items.get(hit.id) : {...fields, id: hit.id};
      return item ? [{...hit, item}] : [];
    });
  }

  async #askStore(
    store: VectorStore,
    query: SearchQuery,
    {
      limit,
      threshold,
      signal,
    }: {limit: number; threshold: number | undefined; signal: AbortSignal | undefined},
  ): Promise<Answer> {
    if (!this.#loaded) return {results: [], complete: false};
    const latent = await this.#model.embedQuery(query, signal);
    const hits = await store.search(latent, limit, {threshold, signal});
    const results = hits.map(({id, score, item}) => ({
      id,
      score,
      similarity: score,
      terms: [],
      confident: true,
      item: {...item, id},
    }));
    return {results, complete: true};
  }

  // The page has its own items; those of a file are in the worker.
  async #fieldsOf(ids: readonly string[]): Promise<readonly (ItemData | undefined)[]> {
    return this.#items ? [] : this.#index.call((api, index) => api.fields(index, ids));
  }

  #assertHere(method: string): void {
    this.#index.assertOpen();
    if (!this.#store) return;
    throw new LatentError(
      'unsupported',
      `${method} needs the vectors here, but ${this.#store.url} keeps them. Use items or an index.`,
    );
  }
}

/** Throws `bad-argument` unless `limit` is a whole number from 0, or `Infinity`. */
function assertLimit(limit: number): void {
  if (limit === Infinity || (Number.isSafeInteger(limit) && limit >= 0)) return;
  throw new LatentError(
    'bad-argument',
    `limit must be a whole number from 0, or Infinity, got ${String(limit)}.`,
  );
}

function assertQuery(query: unknown): void {
  if (typeof query === 'string' || (typeof query === 'object' && query !== null)) return;
  throw new LatentError(
    'bad-argument',
    `query must be a text, an image or a latent, got ${String(query)}.`,
  );
}

function sourceOf(source: NonNullable<SearchSource['index']>): IndexSource {
  if (typeof source === 'string') return {url: absoluteUrl(source)};
  if (source instanceof URL) return {url: source.href};
  if (source instanceof Blob) return {bytes: source};
  const bytes = source instanceof ArrayBuffer ? source : source.slice().buffer;
  return transfer({bytes}, [bytes]);
}

function shareOf(progress: Progress, from: number, to: number): Progress {
  return {...progress, ratio: from + (to - from) * progress.ratio};
}

function isSlow(job: Promise<unknown>): Promise<boolean> {
  return Promise.race([
    job.then(
      () => false,
      () => true,
    ),
    new Promise<boolean>((resolve) => setTimeout(resolve, PATIENCE, true)),
  ]);
}
