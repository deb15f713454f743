import type {Latent} from '../../core/latent/latent.js';
import type {SearchHit} from '../../core/search/vector-index.js';
import type {ItemData} from '../../core/search/vector-rows.js';
import type {CallOptions} from '../../engine/types.js';

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
