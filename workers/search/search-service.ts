import {transfer} from 'comlink';
import {throwIfAborted} from '../../src/core/abort.js';
import {LatentError} from '../../src/core/errors.js';
import type {Latent} from '../../src/core/latent/latent.js';
import {
  type IndexBatch,
  type SearchHit,
  type SearchOptions,
  VectorIndex,
} from '../../src/core/search/vector-index.js';
import type {IndexModel, Precision} from '../../src/core/search/index-file.js';
import type {ItemData} from '../../src/core/search/vector-rows.js';
import type {WorkerEvent} from '../../src/shared/events.js';
import type {
  IndexSource,
  NearestOptions,
  SearchApi,
  SearchIndexInfo,
  SearchIndexOptions,
  TextHit,
  TextItem,
} from '../../src/shared/search.js';
import {readIndexFile} from './index-download.js';
import {LexicalIndex} from './lexical-index.js';
import {holdForLife} from '../life-lock.js';
import {TimeSlice} from '../../src/shared/yield-to-events.js';

/** Vectors that are encoded, and texts that are indexed, before other calls get a turn. */
const PREPARE_ROWS = 2000;
const TEXT_BLOCK = 64;

interface OpenIndex {
  readonly vectors: VectorIndex;
  readonly texts: LexicalIndex;
}

/** Everything that a search worker does, without the worker. Long work pauses for other calls. */
export class SearchService implements SearchApi {
  readonly #indexes = new Map<number, OpenIndex>();
  readonly #calls = new Map<number, AbortController>();
  #emit: (event: WorkerEvent) => void = () => undefined;

  connect(
    {lifeLock}: {readonly lifeLock: string},
    emit: (event: WorkerEvent) => void,
  ): Promise<boolean> {
    this.#emit = emit;
    return holdForLife(lifeLock);
  }

  open(index: number, options: SearchIndexOptions): SearchIndexInfo {
    return this.#put(index, new VectorIndex(options));
  }

  load(
    request: number,
    index: number,
    source: IndexSource,
    expected: {readonly space?: string | undefined; readonly model?: IndexModel | undefined},
  ): Promise<SearchIndexInfo> {
    return this.#call(request, async (signal) => {
      const file = await readIndexFile(source, signal);
      const info = this.#put(index, VectorIndex.from(file, expected));
      try {
        await this.#addTexts(index, textsOf(this.#index(index).vectors), signal);
        await this.#prepare(index);
      } catch (error) {
        this.#indexes.delete(index);
        throw error;
      }
      return info;
    });
  }

  add(index: number, batch: IndexBatch): SearchIndexInfo {
    const {vectors} = this.#index(index);
    vectors.upsertBatch(batch);
    void this.#prepare(index);
    return infoOf(vectors);
  }

  remove(index: number, ids: readonly string[]): SearchIndexInfo {
    const {vectors} = this.#index(index);
    vectors.remove(ids);
    return infoOf(vectors);
  }

  search(index: number, latent: Latent, k: number, options: NearestOptions): SearchHit[] {
    return this.#index(index).vectors.search(latent, k, optionsOf(options));
  }

  similarTo(index: number, id: string, k: number, options: NearestOptions): SearchHit[] {
    return this.#index(index).vectors.similarTo(id, k, optionsOf(options));
  }

  duplicates(request: number, index: number, threshold?: number): Promise<string[][]> {
    return this.#call(request, async (signal) => {
      const steps = this.#index(index).vectors.duplicateSteps({threshold});
      const slice = new TimeSlice();
      for (;;) {
        const {done, value} = steps.next();
        if (done) return value;
        if (!slice.isOver) continue;
        this.#emit({type: 'progress', request, stage: 'index', loaded: value, total: 1});
        await slice.yieldToEvents();
        throwIfAborted(signal);
      }
    });
  }

  ids(index: number): string[] {
    return [...this.#index(index).vectors.ids()];
  }

  items(index: number, ids: readonly string[]): (ItemData | undefined)[] {
    const {vectors} = this.#index(index);
    return ids.map((id) => vectors.item(id));
  }

  toBuffer(index: number, precision?: Precision): ArrayBuffer {
    const buffer = this.#index(index).vectors.toBuffer({precision});
    return transfer(buffer, [buffer]);
  }

  addTexts(index: number, texts: readonly TextItem[]): Promise<void> {
    return this.#addTexts(index, texts);
  }

  removeTexts(index: number, ids: readonly string[]): void {
    this.#index(index).texts.remove(ids);
  }

  searchText(index: number, query: string, count: number): TextHit[] {
    return this.#index(index).texts.search(query, count);
  }

  close(index: number): void {
    this.#indexes.delete(index);
  }

  cancel(request: number): void {
    this.#calls.get(request)?.abort();
  }

  #put(index: number, vectors: VectorIndex): SearchIndexInfo {
    this.#indexes.set(index, {vectors, texts: new LexicalIndex()});
    return infoOf(vectors);
  }

  async #addTexts(index: number, texts: readonly TextItem[], signal?: AbortSignal): Promise<void> {
    const slice = new TimeSlice();
    for (let from = 0; from < texts.length; from += TEXT_BLOCK) {
      // Asked for anew each time: it may be closed in a pause.
      this.#index(index).texts.add(texts.slice(from, from + TEXT_BLOCK));
      if (slice.isOver) await slice.yieldToEvents();
      throwIfAborted(signal);
    }
  }

  // The first search would do it all at once.
  async #prepare(index: number): Promise<void> {
    const slice = new TimeSlice();
    while (this.#indexes.get(index)?.vectors.prepare(PREPARE_ROWS)) {
      if (slice.isOver) await slice.yieldToEvents();
    }
  }

  async #call<T>(request: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    this.#calls.set(request, controller);
    try {
      return await run(controller.signal);
    } finally {
      this.#calls.delete(request);
    }
  }

  #index(index: number): OpenIndex {
    const found = this.#indexes.get(index);
    if (found) return found;
    throw new LatentError('bad-argument', 'This index was closed. Open it again.');
  }
}

function infoOf({space, model, metric, dimension, size}: VectorIndex): SearchIndexInfo {
  return {space, model, metric, dimension, size};
}

function optionsOf({only, without, ...options}: NearestOptions): SearchOptions {
  if (!only && !without) return options;
  const wanted = only && new Set(only);
  const unwanted = new Set(without);
  const filter = (id: string): boolean => (!wanted || wanted.has(id)) && !unwanted.has(id);
  return {...options, filter};
}

/** What the items of an index file say of themselves. */
function textsOf(vectors: VectorIndex): TextItem[] {
  const texts: TextItem[] = [];
  for (const id of vectors.ids()) {
    const {title, text} = vectors.item(id) ?? {};
    const said = typeof text === 'string' ? text : '';
    if (typeof title === 'string') texts.push({id, text: said, title});
    else if (said !== '') texts.push({id, text: said});
  }
  return texts;
}
