import type {Latent} from '../core/latent/latent.js';
import type {IndexBatch, SearchHit} from '../core/search/vector-index.js';
import type {IndexModel, Precision} from '../core/search/index-file.js';
import type {Metric} from '../core/search/metric.js';
import type {ItemData} from '../core/search/vector-rows.js';
import type {WorkerEvent} from './events.js';

/** What an index is opened for. */
export interface SearchIndexOptions {
  readonly space?: string | undefined;
  readonly metric?: Metric | undefined;
  readonly model?: IndexModel | undefined;
}

/** What there is to know of an index that the worker holds. */
export interface SearchIndexInfo {
  /** Id of its space; undefined as long as nothing said which. */
  readonly space?: string | undefined;
  readonly model?: IndexModel | undefined;
  readonly metric: Metric;
  /** Numbers of a vector; 0 as long as nothing said how many. */
  readonly dimension: number;
  /** How many vectors it has. */
  readonly size: number;
}

/** A text to find by its words. */
export interface TextItem {
  readonly id: string;
  readonly text: string;
  /** Counts for more than the text. */
  readonly title?: string | undefined;
}

/** Something found by its words. */
export interface TextHit {
  readonly id: string;
  /** BM25+, for this query only. */
  readonly score: number;
  /** Words of the item that answer to words of the query, for `highlightRanges`. */
  readonly terms: string[];
}

/** Options of a search that can cross to a worker. */
export interface NearestOptions {
  readonly metric?: Metric | undefined;
  readonly threshold?: number | undefined;
  /** Looks among these ids only. */
  readonly only?: readonly string[] | undefined;
  /** Leaves these ids out. */
  readonly without?: readonly string[] | undefined;
}

/** Where the bytes of an index come from. */
export type IndexSource = {readonly url: string} | {readonly bytes: ArrayBuffer | Blob};

/**
 * What a search worker does. `index` and `request` numbers are the caller's; a request can be given
 * up by `cancel`. For the caller every result is a promise. Errors arrive as `LatentError` with their code.
 */
export interface SearchApi {
  /** Must be the first call. Whether the worker holds its life lock. */
  connect(
    options: {readonly lifeLock: string},
    emit: (event: WorkerEvent) => void,
  ): Promise<boolean>;
  /** Makes an empty index. */
  open(index: number, options: SearchIndexOptions): SearchIndexInfo;
  /** Reads an index file, and indexes the `title` and `text` of its items by their words. */
  load(
    request: number,
    index: number,
    source: IndexSource,
    expected: {readonly space?: string | undefined; readonly model?: IndexModel | undefined},
  ): Promise<SearchIndexInfo>;
  /** Adds vectors; an id that is there gets the new one. All of them, or none. */
  add(index: number, batch: IndexBatch): SearchIndexInfo;
  remove(index: number, ids: readonly string[]): SearchIndexInfo;
  search(index: number, latent: Latent, k: number, options: NearestOptions): SearchHit[];
  /** The nearest to one that is in the index, without itself. */
  similarTo(index: number, id: string, k: number, options: NearestOptions): SearchHit[];
  duplicates(request: number, index: number, threshold?: number): Promise<string[][]>;
  ids(index: number): string[];
  items(index: number, ids: readonly string[]): (ItemData | undefined)[];
  toBuffer(index: number, precision?: Precision): ArrayBuffer;
  /** Adds texts; an id that is there gets the new one. */
  addTexts(index: number, texts: readonly TextItem[]): Promise<void>;
  removeTexts(index: number, ids: readonly string[]): void;
  searchText(index: number, query: string, count: number): TextHit[];
  /** Lets an index go. */
  close(index: number): void;
  /** Gives up a call. */
  cancel(request: number): void;
}
