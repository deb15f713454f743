import type {IndexModel, Precision} from '../core/search/index-file.js';
import type {RankedHit} from '../core/search/fusion.js';
import type {Latent} from '../core/latent/latent.js';
import type {Metric} from '../core/search/metric.js';
import type {IndexBatch, IndexVectors, SearchHit} from '../core/search/vector-index.js';
import type {ItemData} from '../core/search/vector-rows.js';
import type {TextRange} from '../core/search/words.js';
import type {WorkerEvent} from './events.js';
import type {PackInfo, PackSource, TextKind} from './inference.js';

/** What a fresh search worker is told once, before anything else. */
export interface SearchWorkerOptions {
  /** Keep downloaded packs in the Cache API. */
  readonly cache: boolean;
  /** A Web Lock that the worker holds as long as it lives: whoever waits for it learns of its end. */
  readonly lifeLock: string;
}

/** What an index is opened for. */
export interface IndexOpening {
  readonly space?: string | undefined;
  readonly metric?: Metric | undefined;
  readonly model?: IndexModel | undefined;
}

/** What there is to know of an index that the worker holds. */
export interface IndexInfo {
  /** Id of its space; undefined as long as nothing said which. */
  readonly space?: string | undefined;
  readonly metric: Metric;
  /** How many vectors it has. */
  readonly size: number;
}

/** Something to find: `title` and `text` among its fields are what it is found by. */
export interface ItemRecord {
  readonly id: string;
  /** What is kept of it, as JSON. */
  readonly fields: ItemData;
}

/** Where the bytes of an index come from. */
export type IndexSource = {readonly url: string} | {readonly bytes: ArrayBuffer | Blob};

/** Everything that one search asks: by words, by meaning, or both. */
export interface Question {
  /** Looked for by its words. */
  readonly text?: string | undefined;
  /** URL of a static pack that the worker has, by which `text` is looked for by its meaning too. */
  readonly pack?: string | undefined;
  /** Looked for by its meaning, where somebody else has embedded it. */
  readonly latent?: Latent | undefined;
  readonly limit: number;
  readonly metric?: Metric | undefined;
  /** Leaves out of the list by meaning what scores less. */
  readonly threshold?: number | undefined;
  /** See `RankOptions`. */
  readonly noise?: number | undefined;
  /** Send what was kept with each hit. */
  readonly fields: boolean;
}

/** A result, with what was kept with it where the question asked for that. */
export interface FoundHit extends RankedHit {
  readonly fields?: ItemData | undefined;
  /** Where in its text the sentence lies that found it, where no word did. */
  readonly passage?: TextRange | undefined;
}

/** A search in which one vector is compared with others. */
export interface NearestOptions {
  readonly metric?: Metric | undefined;
  readonly threshold?: number | undefined;
}

/**
 * What a search worker does. `index` and `request` numbers are the caller's; a request can be given
 * up by `cancel`. For the caller every result is a promise. Errors arrive as `LatentError` with their code.
 */
export interface SearchApi {
  /** Must be the first call. Whether the worker holds its life lock. */
  connect(options: SearchWorkerOptions, emit: (event: WorkerEvent) => void): Promise<boolean>;
  /** Fetches and checks a manifest, or takes the one that came with the code. */
  openPack(request: number, source: PackSource): Promise<PackInfo>;
  /** Loads the table of a static pack, so that the worker embeds texts by itself. */
  loadPack(request: number, url: string): Promise<void>;
  /** The vectors of texts by a static pack, one after the other. */
  embed(url: string, texts: readonly string[], kind: TextKind): Promise<Float32Array>;
  /** Makes an empty index. */
  open(index: number, options: IndexOpening): IndexInfo;
  /**
   * Reads an index file, and indexes the `title` and `text` of its items by their words; of an index in
   * parts, only its head. `pack` is the URL of the model's manifest.
   */
  load(
    request: number,
    index: number,
    source: IndexSource,
    expected: {readonly space: string; readonly model: IndexModel; readonly pack: string},
  ): Promise<IndexInfo>;
  /** Adds items, found by their words from now on; an id that is there is another item now. */
  addItems(index: number, items: readonly ItemRecord[]): Promise<void>;
  /** Removes items; an unknown id is no error. */
  removeItems(index: number, ids: readonly string[]): IndexInfo;
  /** Embeds, by a static pack, every item that has no vector yet; tells how far it is. */
  embedItems(request: number, index: number, url: string): Promise<IndexInfo>;
  /** Adds vectors of items that somebody else has embedded. All of them, or none. */
  addVectors(index: number, batch: IndexBatch): IndexInfo;
  query(request: number, index: number, question: Question): Promise<FoundHit[]>;
  /** The nearest to one that is in the index, without itself. */
  similarTo(
    request: number,
    index: number,
    id: string,
    k: number,
    options: NearestOptions,
  ): Promise<SearchHit[]>;
  duplicates(request: number, index: number, threshold?: number): Promise<string[][]>;
  /** What was kept with ids. */
  fields(index: number, ids: readonly string[]): Promise<(ItemData | undefined)[]>;
  /** Every vector and whose it is, for whoever draws a map of them. */
  vectors(index: number): IndexVectors;
  toBuffer(index: number, precision?: Precision): ArrayBuffer;
  /** Lets an index go. */
  close(index: number): void;
  /** Gives up a call. */
  cancel(request: number): void;
}
