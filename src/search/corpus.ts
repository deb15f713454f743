import type {Latent} from '../core/latent/latent.js';
import type {Metric} from '../core/search/metric.js';
import type {SearchItem} from './search-types.js';
import type {CallOptions} from '../engine/types.js';

/** Found by its words, best first: `terms` are the words of the item that answer to the query. */
export interface WordHit {
  readonly id: string;
  readonly terms: readonly string[];
}

/** Found by its meaning, best first; a remote store hands over the item with it. */
export interface MeaningHit {
  readonly id: string;
  readonly score: number;
  readonly item?: SearchItem | undefined;
}

/** What a search by meaning takes. */
export interface NearOptions {
  readonly metric?: Metric | undefined;
  readonly threshold?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Everything that one search looks through, wherever that is. */
export interface Corpus {
  /** The space of its vectors; undefined as long as there is none. */
  readonly space: string | undefined;
  /** What scores mean unless another metric is asked for; undefined where only a server knows. */
  readonly metric: Metric | undefined;
  /** How many can be found by their meaning; undefined where only a server knows. */
  readonly size: number | undefined;
  byWords(query: string, count: number, signal?: AbortSignal): Promise<readonly WordHit[]>;
  byMeaning(latent: Latent, count: number, options?: NearOptions): Promise<readonly MeaningHit[]>;
  /** What is near to one of its own; `bad-argument` for an unknown id. */
  similarTo(id: string, count: number, options?: NearOptions): Promise<readonly MeaningHit[]>;
  /** Ids of things that are nearly the same, group by group. */
  duplicates(
    options?: CallOptions & {readonly threshold?: number | undefined},
  ): Promise<string[][]>;
  /** The items of ids, in that order. */
  items(ids: readonly string[]): Promise<readonly (SearchItem | undefined)[]>;
  /** As a file that `index` reads. */
  toBuffer(): Promise<ArrayBuffer>;
  close(): void;
  /** Settles when what held it ended: open it again. */
  readonly lost: Promise<void>;
}
