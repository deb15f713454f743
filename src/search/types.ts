import type {Latent} from '../core/latent/latent.js';
import type {Metric} from '../core/search/metric.js';
import type {SearchHit} from '../core/search/vector-index.js';
import type {ItemData} from '../core/search/vector-rows.js';
import type {TextRange} from '../core/search/words.js';
import type {CallOptions, DevicePreference, ImageSource} from '../engine/types.js';

/** One thing to find: whatever else it has is its author's, and comes back with the results. */
export interface SearchItem {
  /** Not empty, and no other's. */
  readonly id: string;
  /** What it is found by. */
  readonly text?: string | undefined;
  /** A heading over the text; it is searched with it, and counts twice. */
  readonly title?: string | undefined;
  /** What it is found by, with a model that embeds images: where there is no text, or it embeds none. */
  readonly image?: ImageSource | undefined;
  /** Where choosing it leads. */
  readonly href?: string | undefined;
  readonly [field: string]: unknown;
}

/** What may be searched for. */
export type SearchQuery = string | Exclude<ImageSource, string> | Latent;

/** Something found. */
export interface SearchResult {
  readonly id: string;
  /**
   * What the order comes from, higher first: for a text, how well words and meaning find it, 1 at most
   * (see `fuseScores`); for an image or a latent, and in a store, the same as `similarity`.
   */
  readonly score: number;
  /** How near it is by meaning, under the metric; undefined where only words were asked. */
  readonly similarity?: number | undefined;
  /** Words of the item that answer to words of the query; none where only its meaning found it. */
  readonly terms: readonly string[];
  /**
   * Where in its text the sentence lies that is nearest to the query by its meaning, in UTF-16 units: with
   * a table (`words`), for the first results, where no word of the text answers.
   */
  readonly passage?: TextRange | undefined;
  /** False for all of a list in which nothing has a word of the query or is clearly nearer than chance. */
  readonly confident: boolean;
  readonly item: SearchItem;
}

/** How well a label fits. */
export interface LabelScore {
  readonly label: string;
  /** The cosine of its vector and the query's, −1..1; only the order of labels means anything. */
  readonly score: number;
}

/** Where the things to find are: one of the three. */
export interface SearchSource {
  readonly items?: readonly SearchItem[] | undefined;
  /** The URL of an index file, or its bytes (an `ArrayBuffer` is transferred, and gone from the page). */
  readonly index?: string | URL | ArrayBuffer | Uint8Array<ArrayBuffer> | Blob | undefined;
  /** The address of a vector database: `chroma+https://host/collection`. */
  readonly store?: string | undefined;
  /** How vectors of items are compared; default `cosine`. A file and a store have their own. */
  readonly metric?: Metric | undefined;
}

/** What `engine.search` takes. */
export interface OpenSearchOptions extends SearchSource, CallOptions {
  /** A pack that embeds: a shipped one's name or the URL of a `pack.json`; default `words`. */
  readonly model?: string | undefined;
  /** Where a network runs; a table needs none. */
  readonly device?: DevicePreference | undefined;
}

/** What a query takes. */
export interface QueryOptions {
  /** Results at most: a whole number from 0, or `Infinity`; default 10. */
  readonly limit?: number | undefined;
  /**
   * Leaves out what is less near by its meaning. Default: what the pack says is no nearer than chance,
   * unless it has words of the query.
   */
  readonly threshold?: number | undefined;
  readonly metric?: Metric | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A search over items, an index or a vector database, as `<latent-search>` runs on. */
export interface Search {
  /**
   * What a text, an image or a latent finds, best first, by words and by meaning; `[]` for a blank text.
   * `bad-argument` for a query that is none of them.
   */
  query(query: SearchQuery, options?: QueryOptions): Promise<SearchResult[]>;
  /** What is near to one of its own by meaning, without itself; `bad-argument` for an unknown id. */
  similarTo(id: string, options?: QueryOptions): Promise<SearchResult[]>;
  /** Groups of ids that mean nearly the same: linked by similarities of at least `threshold` (0.95). */
  duplicates(
    options?: CallOptions & {readonly threshold?: number | undefined},
  ): Promise<string[][]>;
  /** Which of some labels a text or an image comes nearest to, best first. */
  classify(
    query: Exclude<SearchQuery, Latent>,
    labels: readonly string[],
    options?: Pick<CallOptions, 'signal'>,
  ): Promise<LabelScore[]>;
  /** Adds items; resolves when they can be found. `bad-argument` for an id that is there already. */
  add(items: readonly SearchItem[], options?: CallOptions): Promise<void>;
  /** Removes items; those that are not there are no error. */
  removeItems(ids: readonly string[]): Promise<void>;
  /** What is searched as a file for `index`. */
  toIndex(): Promise<Blob>;
  /** Lets everything go; open calls may still end. */
  close(): void;
}

/** What there is to know of a store once it is open. */
export interface StoreInfo {
  /** Numbers of its vectors; undefined as long as it has none. */
  readonly dimension: number | undefined;
  /** How many it holds, where it tells. */
  readonly size?: number | undefined;
}

/** What a store must hold for a model's vectors to be looked up in it. */
export interface StoreExpectation extends Pick<CallOptions, 'signal'> {
  readonly space?: string | undefined;
  readonly dimension?: number | undefined;
}

/** What a search in a store takes. */
export interface StoreSearchOptions extends Pick<CallOptions, 'signal'> {
  /** Leaves out what scores less. */
  readonly threshold?: number | undefined;
}

/** Something that a store found, with what it keeps of it. */
export interface StoreHit extends SearchHit {
  readonly item?: ItemData | undefined;
}

/**
 * A vector database: queries are embedded here, and only the vector goes there. Another engine is a
 * class with these three methods and a line in open-store.ts.
 */
export interface VectorStore {
  /** Where it is, as the author wrote it. */
  readonly url: string;
  /**
   * Finds the collection; `network` where the server cannot be reached, does not answer in time or
   * refuses, `not-found` for an unknown collection, `bad-index` for an answer that makes no sense,
   * `space-mismatch` for vectors of another space or dimension.
   */
  open(expected?: StoreExpectation): Promise<StoreInfo>;
  /** The `k` nearest, best first, scored as `Metric` says; errors as `open`, which it may call. */
  search(latent: Latent, k: number, options?: StoreSearchOptions): Promise<StoreHit[]>;
  /** Gives up what is under way. */
  close(): void;
}
